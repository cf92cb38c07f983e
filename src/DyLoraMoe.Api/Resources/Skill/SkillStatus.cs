using DyLoraMoe.Api.Conditions;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a skill is.</summary>
[DefaultValue("{\"observedGeneration\": -1}", Json = true)]
public sealed record SkillStatus : IConditioned
{
    /// <summary>The generation that this status was computed for; -1 before the first time.</summary>
    public long ObservedGeneration { get; set; } = -1;

    /// <summary>The data as they were read last.</summary>
    public DatasetStatus? Dataset { get; set; }

    /// <summary>Whether the data are new.</summary>
    public NoveltyStatus? Novelty { get; set; }

    /// <summary>The LoraExpert that has the skill.</summary>
    public LocalReference? ExpertRef { get; set; }

    /// <summary>Digest of the data that came to be served last, by what has learnt or covers them: those before, while newer ones are on their way.</summary>
    public string? ServedDataset { get; set; }

    /// <summary>Name of the job that works for the skill now.</summary>
    public string? Job { get; set; }

    /// <summary>How the skill is, each type once.</summary>
    [Items(0, Bounds.Conditions)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<Condition> Conditions { get; set; } = [];
}
