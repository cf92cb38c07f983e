using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How many skills are proposed from prompts that are like no known skill, and with how much of them.</summary>
public sealed record ProposalPolicy
{
    /// <summary>Most proposals that wait for a person.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(64)]
    [DefaultValue(3)]
    public int MaxPending { get; set; } = 3;

    /// <summary>Most prompts that a proposal shows.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(256)]
    [DefaultValue(64)]
    public int MaxPrompts { get; set; } = 64;
}
