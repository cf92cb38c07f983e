using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Growths;

/// <summary>A visit to a Growth. Its status begins as the last one and is changed by what the phases find.</summary>
internal sealed class GrowthScope(Growth growth) : VisitScope
{
    public Growth Growth => growth;

    public GrowthSpec Spec => growth.Spec;

    public string Namespace => growth.Metadata.NamespaceProperty;

    public string Name => growth.Metadata.Name;

    /// <summary>Set by <see cref="AcceptGrowth"/>.</summary>
    public Backbone Backbone { get; set; } = null!;

    /// <summary>Set by <see cref="AcceptGrowth"/>.</summary>
    public KnownSet ActiveSet { get; set; } = null!;

    /// <summary>The status so far.</summary>
    public GrowthStatus Status { get; set; } = growth.Status with { Job = null, Conditions = [] };

    /// <summary>The refusal of a set with what it offers; null when none was refused.</summary>
    public RefusedBatch? Refusal(ICluster cluster) => SetDraft.RefusalOf(cluster, Backbone, GrowthOffers.KeyOf(Name, Status));

    /// <summary>Whether work is suspended.</summary>
    public bool IsSuspended => growth.Spec.Suspend || Backbone.Spec.Suspend;
}
