using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What is wanted of an expert. Shape and recipe that are left out come from the Backbone.</summary>
[ValidationRule("has(self.skillRef) != has(self.source)", message: "must have exactly one of skillRef and source")]
[ValidationRule("has(self.skillRef) == has(oldSelf.skillRef)", message: "skillRef can neither be added nor removed")]
[ValidationRule("has(self.rank) == has(oldSelf.rank) && (!has(self.rank) || self.rank == oldSelf.rank)", message: "rank is immutable: the weights have this shape")]
[ValidationRule("has(self.alpha) == has(oldSelf.alpha) && (!has(self.alpha) || self.alpha == oldSelf.alpha)", message: "alpha is immutable: the weights have this shape")]
[ValidationRule("has(self.mode) == has(oldSelf.mode) && (!has(self.mode) || self.mode == oldSelf.mode)", message: "mode is immutable: the weights have this shape")]
[ValidationRule("has(self.targetModules) == has(oldSelf.targetModules) && (!has(self.targetModules) || self.targetModules == oldSelf.targetModules)", message: "targetModules is immutable: the weights have this shape")]
[ValidationRule("!has(self.rank) || !has(self.largestRank) || self.rank <= self.largestRank", message: "rank must be at most largestRank")]
[ValidationRule("!has(self.source) || !(has(self.rank) || has(self.alpha) || has(self.largestRank) || has(self.targetModules))", message: "source names an adapter that has its shape already: leave rank, largestRank, alpha and targetModules out")]
public sealed record LoraExpertSpec
{
    /// <summary>The Backbone that it belongs to.</summary>
    [Required]
    [ValidationRule("self == oldSelf", message: "is immutable: an expert belongs to its backbone's weights")]
    public LocalReference BackboneRef { get; set; } = new();

    /// <summary>The Skill that it is made for. Left out for an adapter of one's own.</summary>
    [ValidationRule("self == oldSelf", message: "is immutable: another skill's expert is another LoraExpert")]
    public LocalReference? SkillRef { get; set; }

    /// <summary>An adapter that was trained elsewhere: exactly one of persistentVolumeClaim and s3.</summary>
    public ExpertSource? Source { get; set; }

    /// <summary>Width of the update at first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    public int? Rank { get; set; }

    /// <summary>Most that the rank may grow to when held-out data show that it holds the expert back.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    public int? LargestRank { get; set; }

    /// <summary>Numerator of the update's scale, alpha / rank.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    public int? Alpha { get; set; }

    /// <summary>The linear layers that are adapted, by their names as in PEFT.</summary>
    [Items(1, Bounds.TargetModules)]
    [XListType(XListType.Set)]
    [Each(128, Patterns.ModuleName)]
    public IList<string>? TargetModules { get; set; }

    /// <summary>Where it acts: Activated from the answer's first token on, Full on every token, Auto to find out which is better.</summary>
    [EnumValues(LoraModes.Auto, LoraModes.Activated, LoraModes.Full)]
    public string? Mode { get; set; }

    /// <summary>How it is trained.</summary>
    [DefaultValue("{}", Json = true)]
    public TrainingRecipe Recipe { get; set; } = new();

    /// <summary>What becomes of its weights when it is deleted: Retain leaves them in the store, Delete removes them once nothing serves them.</summary>
    [EnumValues(DeletionPolicies.Retain, DeletionPolicies.Delete)]
    [DefaultValue(DeletionPolicies.Retain)]
    public string DeletionPolicy { get; set; } = DeletionPolicies.Retain;

    /// <summary>Starts no further job for the expert, and stops one that runs at its next checkpoint. What is served stays.</summary>
    [DefaultValue(false)]
    public bool Suspend { get; set; }
}
