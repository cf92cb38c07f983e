using System.Globalization;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>What a router tells of its latest prompts, on the page that it has for Prometheus: that one asks for no API key.</summary>
/// <param name="Prompts">How many the shares are made of.</param>
/// <param name="Shares">The share of each expert, 0 to 1.</param>
internal sealed record RouterTraffic(double Prompts, IReadOnlyDictionary<string, double> Shares)
{
    // As many of its prompts does a router look back on.
    private const double Window = 1024;

    private const string CountLine = "dylora_router_prompt_seconds_count ";
    private const string ShareLine = "dylora_router_expert_share{expert=\"";
    private const string EndOfName = "\"} ";

    /// <summary>Reads a page; null when it is not as a router writes it.</summary>
    public static RouterTraffic? Parse(string page)
    {
        double? prompts = null;
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in page.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(CountLine, StringComparison.Ordinal))
            {
                prompts = Number(line[CountLine.Length..], double.MaxValue);
                if (prompts is null)
                {
                    return null;
                }
            }
            else if (line.StartsWith(ShareLine, StringComparison.Ordinal))
            {
                var rest = line[ShareLine.Length..];
                var end = rest.IndexOf(EndOfName, StringComparison.Ordinal);
                if (end < 0 || Number(rest[(end + EndOfName.Length)..], 1) is not { } share)
                {
                    return null;
                }

                shares[rest[..end].ToString()] = share;
            }
        }

        return prompts is { } count ? new(Math.Min(count, Window), shares) : null;
    }

    /// <summary>The shares over several routers, each weighing as many prompts as it looks back on; null when there were none.</summary>
    public static IReadOnlyDictionary<string, double>? Mean(IEnumerable<RouterTraffic> routers)
    {
        var all = routers.ToList();
        var prompts = all.Sum(router => router.Prompts);
        return prompts == 0 ? null : all
            .SelectMany(router => router.Shares.Select(share => (share.Key, Part: share.Value * router.Prompts / prompts)))
            .GroupBy(each => each.Key, each => each.Part, StringComparer.Ordinal)
            .ToDictionary(parts => parts.Key, parts => parts.Sum(), StringComparer.Ordinal);
    }

    private static double? Number(ReadOnlySpan<char> text, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && number <= most ? number : null;
}
