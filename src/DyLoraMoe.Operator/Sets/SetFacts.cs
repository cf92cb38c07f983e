using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Sets;

/// <summary>What is known of a set beyond what a router needs: kept beside it, so that what is served can be told from the set alone.</summary>
internal sealed record SetFacts
{
    /// <summary>Key in the set's ConfigMap.</summary>
    public const string FileName = "facts.json";

    /// <summary>How mature each expert was when the set was made.</summary>
    public SortedDictionary<string, ExpertMaturity> Maturity { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What each expert of the set has learnt.</summary>
    public SortedDictionary<string, IReadOnlyList<TrainedSkill>> Learned { get; init; } = new(StringComparer.Ordinal);

    /// <summary>How prompts reach experts.</summary>
    public string Mode { get; init; } = RoutingModes.Sparse;

    /// <summary>Share of held-out prompts that reach their expert; null for a set without a router.</summary>
    public int? AccuracyPercent { get; init; }

    /// <summary>Digests of the backbones that the set's has grown from, each from the one before; the first is what the Backbone's source holds.</summary>
    public IReadOnlyList<string> GrownFrom { get; init; } = [];

    /// <summary>The growths by which it came to be what it is, in order.</summary>
    public IReadOnlyList<GrowthStep> Growths { get; init; } = [];
}
