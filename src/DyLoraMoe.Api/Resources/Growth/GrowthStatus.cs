using DyLoraMoe.Api.Conditions;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a Growth gets on.</summary>
[DefaultValue("{\"observedGeneration\": -1}", Json = true)]
public sealed record GrowthStatus : IConditioned
{
    /// <summary>The generation that this status was computed for; -1 before the first time.</summary>
    public long ObservedGeneration { get; set; } = -1;

    /// <summary>Hash of what it was to do when what follows was found.</summary>
    [Length(0, 64)]
    public string? Terms { get; set; }

    /// <summary>Digest of the backbone that it grows from.</summary>
    public string? From { get; set; }

    /// <summary>The larger backbone; none before it is made, or where a gate refused it.</summary>
    public GrownBackbone? Backbone { get; set; }

    /// <summary>Weights before.</summary>
    public long? ParametersBefore { get; set; }

    /// <summary>Weights after.</summary>
    public long? ParametersAfter { get; set; }

    /// <summary>How much larger it becomes, such as "+25 %".</summary>
    public string? Grown { get; set; }

    /// <summary>What is done, one sentence an operator.</summary>
    [Items(0, Bounds.GrowthOperators)]
    public IList<string>? Steps { get; set; }

    /// <summary>What each axis promised where the choice was left to that, the highest first, such as "FeedForward 0.0123".</summary>
    [Items(0, 4)]
    public IList<string>? Pressures { get; set; }

    /// <summary>Largest difference of logits at the moment of growth, as a share of the largest logit: a number as text.</summary>
    public string? FunctionError { get; set; }

    /// <summary>Nats per token by which the larger backbone differs from the smaller one on held-out text: a number as text; none before it is measured.</summary>
    public string? Divergence { get; set; }

    /// <summary>The same before it relearned: a number as text; none before it is measured.</summary>
    public string? DivergenceBefore { get; set; }

    /// <summary>Where the held-out text is from: Skills, or Samples of the backbone's own.</summary>
    public string? Judge { get; set; }

    /// <summary>Tokens that it relearned on; 0 where what it relearned was not kept.</summary>
    public long? Tokens { get; set; }

    /// <summary>Experts that are carried over, of all, such as "2/3".</summary>
    [Length(0, 32)]
    public string? Migrated { get; set; }

    /// <summary>The experts, in order of their names.</summary>
    [Items(0, Bounds.Night)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<MigratedExpert>? Experts { get; set; }

    /// <summary>When a set on the larger backbone was first served, or that was found by a Growth that is made anew; none before.</summary>
    public DateTimeOffset? AdoptionTime { get; set; }

    /// <summary>Name of the job that works for it now.</summary>
    public string? Job { get; set; }

    /// <summary>How it is, each type once.</summary>
    [Items(0, Bounds.Conditions)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<Condition> Conditions { get; set; } = [];
}
