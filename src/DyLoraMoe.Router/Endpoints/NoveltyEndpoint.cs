using System.Runtime.InteropServices;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>
/// <c>/v1/novelty</c>: how far the traffic has drifted from the known skills, and what could be taught. A <c>POST</c> says what was proposed before, and
/// is told only what is new beside it.
/// </summary>
/// <remarks>A centroid is written as OpenAI writes embeddings in base64: the bytes of its float32 numbers, the lowest first.</remarks>
internal static class NoveltyEndpoint
{
    private const int MostProposed = 256;

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
        await Replies.WriteAsync(context, Describe(set, traffic, proposed), WireJson.Default.DriftReply).ConfigureAwait(false);
    }

    private static DriftReply Describe(LoadedSet set, Traffic.TrafficMonitor traffic, IReadOnlyList<float[]> proposed)
    {
        try
        {
            var (limit, state) = traffic.Standing;
            return new DriftReply(
                set.Revision,
                state.Requests,
                Math.Round(state.Sum, 3),
                Math.Round(limit, 3),
                state.Flags,
                [.. traffic.Propose(proposed).Select(each => new ProposalReply(
                    each.Skill.Count,
                    each.Skill.NearestSkill,
                    Math.Round(each.Skill.Distance, 3),
                    Math.Round(each.Skill.Cohesion, 3),
                    Convert.ToBase64String(MemoryMarshal.AsBytes<float>(each.Skill.Centroid.ToArray())),
                    each.Skill.Members)
                {
                    Prompts = each.Prompts.Count > 0 ? each.Prompts : null,
                })]);
        }
        catch (ArgumentException error)
        {
            throw ApiException.Invalid("proposed", error.Message);
        }
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
