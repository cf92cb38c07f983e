using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Shape of the expert that a Skill gets when it needs one of its own. What is left out comes from the Backbone.</summary>
[ValidationRule("!has(self.rank) || !has(self.largestRank) || self.rank <= self.largestRank", message: "rank must be at most largestRank")]
public sealed record LoraOverrides
{
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

    /// <summary>Where the expert acts: Activated from the answer's first token on, Full on every token, Auto to find out which is better.</summary>
    [EnumValues(LoraModes.Auto, LoraModes.Activated, LoraModes.Full)]
    public string? Mode { get; set; }
}
