using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Sets;
using DyLoraMoe.Router.Traffic;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>
/// <c>/v1/novelty</c>: how far the traffic has drifted from the known skills, and what could be taught. A <c>POST</c> says what was proposed before, and
/// is told only what is new beside it.
/// </summary>
/// <remarks>A centroid is written as OpenAI writes embeddings in base64: the bytes of its float32 numbers, the lowest first.</remarks>
internal static class NoveltyEndpoint
{
    private const int MostProposed = 256;

    // Of all prompts in an answer, in UTF-8: whoever asks takes no more than twice as much.
    private const int MostBytes = 512 << 10;

    // Letters of every language as they are.
    private static readonly WireJson _readable = new(new JsonSerializerOptions(WireJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Answers a <c>GET</c>.</summary>
    public static Task GetAsync(HttpContext context) => AnswerAsync(context, []);

    /// <summary>Answers a <c>POST</c>.</summary>
    public static async Task PostAsync(HttpContext context)
    {
        var body = await Replies.ReadAsync(context, WireJson.Default.NoveltyBody).ConfigureAwait(false);
        var proposed = body.Proposed ?? [];
        if (proposed.Count > MostProposed)
        {
            throw ApiException.Invalid("proposed", $"'proposed' has {proposed.Count} centroids; expected at most {MostProposed}.");
        }

        await AnswerAsync(context, [.. proposed.Select(Read)]).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, IReadOnlyList<float[]> proposed)
    {
        var set = Serving.Require(context).Set;
        var traffic = set.Traffic
            ?? throw new ApiException(404, "invalid_request_error", "The router of this set came without a map of the skills, so nothing is known that prompts could drift away from.", code: "novelty_unknown");
        await Replies.WriteAsync(context, Describe(set, traffic, proposed), _readable.DriftReply).ConfigureAwait(false);
    }

    private static DriftReply Describe(LoadedSet set, TrafficMonitor traffic, IReadOnlyList<float[]> proposed)
    {
        try
        {
            var ((limit, state), room) = (traffic.Standing, MostBytes);
            return new DriftReply(
                set.Revision,
                state.Requests,
                Math.Round(state.Sum, 3),
                Math.Round(limit, 3),
                state.Flags,
                [.. traffic.Propose(proposed).Select(each => (each.Skill, Prompts: Fitting(each.Prompts, ref room))).Select(each => new ProposalReply(
                    each.Skill.Count,
                    each.Skill.NearestSkill,
                    Math.Round(each.Skill.Distance, 3),
                    Math.Round(each.Skill.Cohesion, 3),
                    Convert.ToBase64String(MemoryMarshal.AsBytes<float>(each.Skill.Centroid.ToArray())),
                    each.Skill.Members)
                {
                    Prompts = Some(each.Prompts.Select(prompt => prompt.Text)),
                    Conversations = Some(each.Prompts.Select(prompt => prompt.Messages?.Select(message => new ChatText { Role = message.Role, Content = message.Content }).ToList())),
                })]);
        }
        catch (ArgumentException error)
        {
            throw ApiException.Invalid("proposed", error.Message);
        }
    }

    private static List<AskedPrompt> Fitting(IReadOnlyList<AskedPrompt> prompts, ref int room)
    {
        var fitting = new List<AskedPrompt>();
        foreach (var prompt in prompts)
        {
            var bytes = prompt.Text is { } text ? Encoding.UTF8.GetByteCount(text) : prompt.Messages!.Sum(message => Encoding.UTF8.GetByteCount(message.Content));
            if (bytes <= room)
            {
                room -= bytes;
                fitting.Add(prompt);
            }
        }

        return fitting;
    }

    private static List<T>? Some<T>(IEnumerable<T?> all)
        where T : class
    {
        List<T> some = [.. all.OfType<T>()];
        return some.Count > 0 ? some : null;
    }

    private static float[] Read(string? centroid)
    {
        var bytes = new byte[centroid?.Length ?? 0];
        if (Convert.TryFromBase64String(centroid ?? "", bytes, out var length) && length > 0 && length % sizeof(float) == 0)
        {
            var numbers = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, length)).ToArray();
            if (numbers.All(float.IsFinite))
            {
                return numbers;
            }
        }

        throw ApiException.Invalid("proposed", "A centroid in 'proposed' is no base64 of float32 numbers; send those of an earlier answer as they are.");
    }
}
