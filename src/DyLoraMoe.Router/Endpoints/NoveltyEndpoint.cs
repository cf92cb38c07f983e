using DyLoraMoe.Router.Endpoints.Wire;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>GET /v1/novelty</c>: how far the traffic has drifted from the known skills, and what could be taught.</summary>
internal static class NoveltyEndpoint
{
    /// <summary>Answers.</summary>
    public static Task HandleAsync(HttpContext context)
    {
        var set = Serving.Require(context).Set;
        if (set.Traffic is not { } traffic)
        {
            throw new ApiException(404, "invalid_request_error", "The router of this set came without a skill library, so nothing is known that prompts could drift away from.", code: "novelty_unknown");
        }

        var (limit, state) = traffic.Standing;
        var reply = new DriftReply(
            set.Revision,
            state.Requests,
            Math.Round(state.Sum, 3),
            Math.Round(limit, 3),
            state.Flags,
            [.. traffic.Propose().Select(each => new ProposalReply(each.Skill.Count, each.Skill.NearestSkill, Math.Round(each.Skill.Distance, 3), Math.Round(each.Skill.Cohesion, 3), each.Skill.Members)
            {
                Prompts = each.Prompts.Count > 0 ? each.Prompts : null,
            })]);
        return Replies.WriteAsync(context, reply, WireJson.Default.DriftReply);
    }
}
