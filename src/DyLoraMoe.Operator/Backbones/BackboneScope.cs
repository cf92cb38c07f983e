using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>A visit to a Backbone. Its status begins as the last one and is changed by what the phases find.</summary>
internal sealed class BackboneScope(Backbone backbone) : VisitScope
{
    public Backbone Backbone => backbone;

    public string Namespace => backbone.Metadata.NamespaceProperty;

    public string Name => backbone.Metadata.Name;

    /// <summary>The status so far.</summary>
    public BackboneStatus Status { get; set; } = backbone.Status with { Conditions = [] };

    /// <summary>The Deployment as it is. Set by <see cref="ObserveRollout"/>; null when there is none.</summary>
    public V1Deployment? Deployment { get; set; }

    /// <summary>The set that is served. Set by <see cref="ObserveRollout"/>; null before the first roll is through, and when the set is lost.</summary>
    public KnownSet? Active { get; set; }

    /// <summary>Whether a set is served and not to be found. Pods that run go on with it, so nothing is done as if there were none.</summary>
    public bool IsSetLost => Active is null && Status.ActiveRevision is not null;

    /// <summary>The set that pods are to have. Set by <see cref="ObserveRollout"/>, changed by <see cref="AdvanceSet"/>; null before the first.</summary>
    public KnownSet? Target { get; set; }

    /// <summary>What keeps pods from serving that is no fault of the set: a reason and a message. Set by <see cref="ObserveRollout"/>; null where nothing does.</summary>
    public (string Reason, string Message)? Excuse { get; set; }

    /// <summary>What a next set waits for. Set by <see cref="AdvanceSet"/>; null when the target is what is wanted.</summary>
    public Outcome? Pending { get; set; }

    /// <summary>When there is something to do although nothing changes. Set by <see cref="CollectGarbage"/>; null for never.</summary>
    public DateTimeOffset? NextLook { get; set; }
}
