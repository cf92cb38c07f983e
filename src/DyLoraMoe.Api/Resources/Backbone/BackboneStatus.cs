using DyLoraMoe.Api.Conditions;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a backbone is.</summary>
[DefaultValue("{\"observedGeneration\": -1}", Json = true)]
public sealed record BackboneStatus : IConditioned
{
    /// <summary>The generation that this status was computed for; -1 before the first time.</summary>
    public long ObservedGeneration { get; set; } = -1;

    /// <summary>Digest of the weights that the source holds.</summary>
    public string? Digest { get; set; }

    /// <summary>The larger backbone that is served in their place; none where it has not grown.</summary>
    public GrownBackbone? Grown { get; set; }

    /// <summary>What says whether growth is due.</summary>
    public GrowthPressure? Pressure { get; set; }

    /// <summary>What the model is, such as LlamaForCausalLM.</summary>
    public string? Architecture { get; set; }

    /// <summary>Number of weights.</summary>
    public long? Parameters { get; set; }

    /// <summary>Most tokens of a sequence.</summary>
    public int? ContextLength { get; set; }

    /// <summary>Experts in the active set.</summary>
    public int? Experts { get; set; }

    /// <summary>How many of them are mature.</summary>
    public int? MatureExperts { get; set; }

    /// <summary>How prompts reach experts: Dense, Blended or Sparse.</summary>
    [EnumValues(RoutingModes.Dense, RoutingModes.Blended, RoutingModes.Sparse)]
    public string? RoutingMode { get; set; }

    /// <summary>Digest of the router of the active set.</summary>
    public string? Router { get; set; }

    /// <summary>Share of held-out prompts, in percent, that the router sends to their own expert.</summary>
    public int? RouterAccuracyPercent { get; set; }

    /// <summary>The set that is served.</summary>
    public string? ActiveRevision { get; set; }

    /// <summary>The ConfigMap that holds the active set.</summary>
    public string? ActiveSetConfigMap { get; set; }

    /// <summary>The set that is being made, checked or rolled out.</summary>
    public string? PendingRevision { get; set; }

    /// <summary>The set that was served before, for a roll back.</summary>
    public string? PreviousRevision { get; set; }

    /// <summary>Pods.</summary>
    public int? Replicas { get; set; }

    /// <summary>Pods that are ready.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>Pods that have the active revision.</summary>
    public int? UpdatedReplicas { get; set; }

    /// <summary>Pods that are ready with the active revision, of those that should be, such as "2/2".</summary>
    public string? Serving { get; set; }

    /// <summary>Selects the pods, for the scale subresource.</summary>
    public string? Selector { get; set; }

    /// <summary>Address of the OpenAI-compatible API inside the cluster.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Jobs that run now.</summary>
    public int? RunningJobs { get; set; }

    /// <summary>Jobs that wait for their turn.</summary>
    public int? WaitingJobs { get; set; }

    /// <summary>Experts that are kept out of the set, most often because skills would get worse, older ones or their own; the newest first.</summary>
    [Items(0, Bounds.Refusals)]
    public IList<Refusal>? Refused { get; set; }

    /// <summary>How the backbone is, each type once.</summary>
    [Items(0, Bounds.Conditions)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<Condition> Conditions { get; set; } = [];
}
