using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Memory;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Shows decisions of the router.</summary>
internal static class RoutingText
{
    /// <summary>Those that took part, largest weight first.</summary>
    public static RoutingReply Of(string revision, RoutingDecision decision) => Of(revision, decision, decision.Active.Select(expert => new ExpertWeight(expert.Name, Rounded(expert.Weight))));

    /// <summary>The episodes that took part; null for none.</summary>
    public static IReadOnlyList<MemoryUse>? Of(Recollection recollection) => recollection.Episodes.Count == 0
        ? null
        : [.. recollection.Episodes.Select(hit => new MemoryUse(hit.Episode.Id, recollection.Use, Rounded(hit.Similarity)))];

    /// <summary>All experts with their probabilities.</summary>
    public static RoutingReply Explain(string revision, RoutingDecision decision) =>
        Of(revision, decision, decision.Experts.Select(expert => new ExpertWeight(expert.Name, Rounded(expert.Weight)) { Probability = Rounded(expert.Probability) }));

    private static RoutingReply Of(string revision, RoutingDecision decision, IEnumerable<ExpertWeight> experts) =>
        new(revision, decision.Mode, [.. experts.OrderByDescending(expert => expert.Weight).ThenByDescending(expert => expert.Probability)], Rounded(decision.BackboneWeight))
        {
            Entropy = decision.Entropy is { } entropy ? Rounded(entropy) : null,
            Novelty = decision.Novelty is { } novelty
                ? new NoveltyReply(novelty.IsNovel, Rounded(novelty.PValue), double.IsFinite(novelty.Distance) ? Rounded(novelty.Distance) : null, novelty.Skill, novelty.Expert)
                : null,
        };

    private static double Rounded(double value) => Math.Round(value, 5);
}
