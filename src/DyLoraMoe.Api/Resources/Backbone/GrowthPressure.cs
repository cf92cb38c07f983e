namespace DyLoraMoe.Api.Resources;

/// <summary>How much the experts of the active set want of what the backbone does not give, each figure in percent: when they stay high, growth is due.</summary>
public sealed record GrowthPressure
{
    /// <summary>Experts whose rank is as large as theirs may become.</summary>
    public int? RankPercent { get; set; }

    /// <summary>Experts that are held back from maturity by what they gain.</summary>
    public int? GainPercent { get; set; }

    /// <summary>Experts, of as many as the Backbone may have.</summary>
    public int? ExpertsPercent { get; set; }
}
