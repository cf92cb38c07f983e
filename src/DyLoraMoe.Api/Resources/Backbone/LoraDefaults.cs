using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Shape of new experts, unless a Skill says otherwise.</summary>
[ValidationRule("self.rank <= self.largestRank", message: "rank must be at most largestRank")]
public sealed record LoraDefaults
{
    /// <summary>Width of the update at first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    [DefaultValue(8)]
    public int Rank { get; set; } = 8;

    /// <summary>Most that the rank may grow to when held-out data show that it holds an expert back. The same as rank forbids growth.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    [DefaultValue(32)]
    public int LargestRank { get; set; } = 32;

    /// <summary>Numerator of the update's scale, alpha / rank. Twice the rank when it is left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    public int? Alpha { get; set; }

    /// <summary>The linear layers that are adapted, by their names as in PEFT, such as q_proj. All of them when it is left out.</summary>
    [Items(1, Bounds.TargetModules)]
    [XListType(XListType.Set)]
    [Each(128, Patterns.ModuleName)]
    public IList<string>? TargetModules { get; set; }

    /// <summary>Where experts act: Activated from the answer's first token on, Full on every token, Auto to find out for each which is better.</summary>
    [EnumValues(LoraModes.Auto, LoraModes.Activated, LoraModes.Full)]
    [DefaultValue(LoraModes.Auto)]
    public string Mode { get; set; } = LoraModes.Auto;
}
