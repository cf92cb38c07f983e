using System.Text.Json;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>A group of prompts that a router found alike and like no known skill.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="NearestSkill">The known skill that is nearest; null when there is none.</param>
/// <param name="Centroid">What they are like, as the router writes it.</param>
/// <param name="Prompts">Those of them that the router remembers.</param>
internal sealed record RouterProposal(int Count, string? NearestSkill, string Centroid, IReadOnlyList<string> Prompts)
{
    private const int LongestPrompt = 4096;
    private const int LongestCentroid = 8192;

    /// <summary>Reads what a router answers; nothing when it is not as a router writes it, when it saw no lasting shift, or of groups without prompts.</summary>
    public static IReadOnlyList<RouterProposal> Parse(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.GetProperty("flags").GetInt64() == 0 ? [] : [.. document.RootElement.GetProperty("proposals").EnumerateArray().Select(Read).OfType<RouterProposal>()];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return [];
        }
    }

    private static RouterProposal? Read(JsonElement proposal)
    {
        var prompts = proposal.TryGetProperty("prompts", out var all) ? all.EnumerateArray().Select(prompt => prompt.GetString()).OfType<string>().Where(prompt => prompt.Length is > 0 and <= LongestPrompt).Distinct(StringComparer.Ordinal).ToList() : [];
        return proposal.GetProperty("centroid").GetString() is { Length: > 0 and <= LongestCentroid } centroid && prompts.Count > 0 && Convert.TryFromBase64String(centroid, new byte[centroid.Length], out _)
            ? new(proposal.GetProperty("count").GetInt32(), proposal.TryGetProperty("nearest_skill", out var nearest) ? nearest.GetString() : null, centroid, prompts)
            : null;
    }
}
