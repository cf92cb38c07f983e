using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>A growth along the axis under the highest pressure: the one whose new weights would gain most at first, for their number, on what the Skills hold.</summary>
public sealed record AutomaticGrowth
{
    /// <summary>The axes to choose from.</summary>
    [Items(1, 4)]
    [XListType(XListType.Set)]
    [Each(16, Patterns.GrowthAxis)]
    [DefaultValue("[\"Depth\", \"FeedForward\"]", Json = true)]
    public IList<string> Axes { get; set; } = [GrowthAxes.Depth, GrowthAxes.FeedForward];

    /// <summary>Most weights that are added, in percent of those there are.</summary>
    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    public int BudgetPercent { get; set; } = 25;
}

/// <summary>Axes along which a backbone may grow by itself.</summary>
public static class GrowthAxes
{
    /// <summary>Layers.</summary>
    public const string Depth = "Depth";

    /// <summary>Width of the feed-forward layers.</summary>
    public const string FeedForward = "FeedForward";

    /// <summary>Query heads.</summary>
    public const string Heads = "Heads";

    /// <summary>Width of the residual stream.</summary>
    public const string Hidden = "Hidden";
}
