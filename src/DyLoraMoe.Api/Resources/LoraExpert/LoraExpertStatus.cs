using DyLoraMoe.Api.Conditions;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How an expert is.</summary>
[DefaultValue("{\"observedGeneration\": -1}", Json = true)]
public sealed record LoraExpertStatus : IConditioned
{
    /// <summary>The generation that this status was computed for; -1 before the first time.</summary>
    public long ObservedGeneration { get; set; } = -1;

    /// <summary>Where it is in its life.</summary>
    [EnumValues(ExpertStages.Pending, ExpertStages.Nascent, ExpertStages.Seeding, ExpertStages.Consolidating, ExpertStages.Mature, ExpertStages.Merged, ExpertStages.Archived)]
    public string? Stage { get; set; }

    /// <summary>How mature it is, in percent.</summary>
    public int? MaturityPercent { get; set; }

    /// <summary>What holds it back from being mature: gain, flatness, routing or samples.</summary>
    public string? HeldBackBy { get; set; }

    /// <summary>How its training gets on: written by the job, and best effort.</summary>
    public TrainingProgress? Progress { get; set; }

    /// <summary>Name of the job that works for it now.</summary>
    public string? Job { get; set; }

    /// <summary>Jobs that were started for it, tries of one job not counted.</summary>
    public int? Attempts { get; set; }

    /// <summary>Its newest weights.</summary>
    public ArtifactStatus? Artifact { get; set; }

    /// <summary>Digest of the weights that are part of the active set.</summary>
    public string? AdmittedDigest { get; set; }

    /// <summary>Where it acts: Activated or Full.</summary>
    public string? Mode { get; set; }

    /// <summary>Width of its update.</summary>
    public int? Rank { get; set; }

    /// <summary>The LoraExpert whose weights its first version started from; none when that was nothing.</summary>
    public string? StartedFrom { get; set; }

    /// <summary>Digest of the adapter that was taken in last from source; versions that were made of it since do not change it.</summary>
    public string? Imported { get; set; }

    /// <summary>What its newest weights have learnt.</summary>
    [Items(0, Bounds.Skills)]
    [XListType(XListType.Map)]
    [XListMapKeys("skill")]
    public IList<TrainedSkill>? TrainedOn { get; set; }

    /// <summary>Itself against the bare backbone.</summary>
    public EvaluationStatus? Evaluation { get; set; }

    /// <summary>Pods that serve its newest admitted weights.</summary>
    public int? ServedReplicas { get; set; }

    /// <summary>Pods that should.</summary>
    public int? DesiredReplicas { get; set; }

    /// <summary>Both, such as "2/2".</summary>
    public string? Served { get; set; }

    /// <summary>Share of the requests that reach it, in percent.</summary>
    public int? TrafficSharePercent { get; set; }

    /// <summary>Its versions, the newest first.</summary>
    [Items(0, Bounds.History)]
    public IList<HistoryEntry>? History { get; set; }

    /// <summary>How the expert is, each type once.</summary>
    [Items(0, Bounds.Conditions)]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    public IList<Condition> Conditions { get; set; } = [];
}
