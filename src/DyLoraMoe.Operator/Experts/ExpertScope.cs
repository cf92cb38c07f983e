using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Experts;

/// <summary>A visit to a LoraExpert. Its status begins as the last one and is changed by what the phases find.</summary>
internal sealed class ExpertScope(LoraExpert expert) : VisitScope
{
    public LoraExpert Expert => expert;

    public string Namespace => expert.Metadata.NamespaceProperty;

    public string Name => expert.Metadata.Name;

    /// <summary>Set by <see cref="AcceptExpert"/>.</summary>
    public Backbone Backbone { get; set; } = null!;

    /// <summary>Set by <see cref="AcceptExpert"/>; null before the first set is served.</summary>
    public KnownSet? ActiveSet { get; set; }

    /// <summary>The status so far.</summary>
    public LoraExpertStatus Status { get; set; } = expert.Status with { Progress = null, Job = null, Conditions = [] };

    /// <summary>Whether work is suspended.</summary>
    public bool IsSuspended => expert.Spec.Suspend || Backbone.Spec.Suspend;
}
