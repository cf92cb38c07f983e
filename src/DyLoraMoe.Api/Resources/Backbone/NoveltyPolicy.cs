using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How it is decided whether a skill is new.</summary>
public sealed record NoveltyPolicy
{
    /// <summary>How often data of a known skill may be taken for new: a number as text, from 0.0001 to 0.5.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.0001 && double(self) <= 0.5", message: "must be from 0.0001 to 0.5")]
    [DefaultValue("0.01")]
    public string FalseAlarmRate { get; set; } = "0.01";

    /// <summary>Fewest samples on which novelty is decided. With fewer the decision is InsufficientData.</summary>
    [RangeMinimum(8)]
    [RangeMaximum(100_000)]
    [DefaultValue(32)]
    public int LeastSamples { get; set; } = 32;

    /// <summary>
    /// Has routers remember prompts that are like no known skill, and makes a suspended Skill of each kind that comes lastingly, for a person to write the
    /// answers. Prompts of users are in it, so nothing is remembered or proposed when it is left out.
    /// </summary>
    public ProposalPolicy? Proposals { get; set; }
}
