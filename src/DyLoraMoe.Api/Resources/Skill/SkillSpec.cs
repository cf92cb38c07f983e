using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What is to be learnt.</summary>
public sealed record SkillSpec
{
    /// <summary>The Backbone that is to learn it.</summary>
    [Required]
    [ValidationRule("self == oldSelf", message: "is immutable: another backbone's skill is another Skill")]
    public LocalReference BackboneRef { get; set; } = new();

    /// <summary>The samples: exactly one of inline, configMapRef, persistentVolumeClaim and s3.</summary>
    [Required]
    public SkillData Data { get; set; } = new();

    /// <summary>Share of the samples, in percent, that the skill is measured on and never learns from. It can only become smaller once the Skill has an expert: what was learnt cannot be held out any more. status.dataset.heldOutPercent is what holds.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(Bounds.HeldOutPercent)]
    [DefaultValue(20)]
    public int HeldOutPercent { get; set; } = 20;

    /// <summary>Whether to find out if the data are new.</summary>
    [DefaultValue("{}", Json = true)]
    public SkillNovelty Novelty { get; set; } = new();

    /// <summary>What differs from the Backbone's defaults.</summary>
    [DefaultValue("{}", Json = true)]
    public SkillTraining Training { get; set; } = new();

    /// <summary>
    /// What becomes of dataset and expert when the Skill is deleted. Retain, the default, leaves them in the store, for weights cost hours to
    /// make and little to keep; Delete removes them once nothing serves them.
    /// </summary>
    [EnumValues(DeletionPolicies.Retain, DeletionPolicies.Delete)]
    [DefaultValue(DeletionPolicies.Retain)]
    public string DeletionPolicy { get; set; } = DeletionPolicies.Retain;

    /// <summary>Starts no further job for the skill, and stops one that runs at its next checkpoint. What is served stays.</summary>
    [DefaultValue(false)]
    public bool Suspend { get; set; }
}
