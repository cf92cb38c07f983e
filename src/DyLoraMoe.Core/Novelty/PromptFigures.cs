namespace DyLoraMoe.Core.Novelty;

/// <summary>How new one prompt looks.</summary>
/// <param name="Skill">The nearest skill; null when none is known.</param>
/// <param name="Expert">The expert that owns it, if any.</param>
/// <param name="Distance">Whitened distance to its mean; a known prompt's is about the root of the number of dimensions.</param>
/// <param name="PValue">Share of the skill's held-out prompts that lie as far out, over (0, 1].</param>
/// <param name="RouterEntropy">The router's entropy, 0 to 1; null without a router.</param>
public sealed record PromptFigures(string? Skill, string? Expert, double Distance, double PValue, double? RouterEntropy)
{
    // Held-out prompts of the nearest skill, as a share, below which one is called novel.
    private const double NovelBelow = 0.01;

    /// <summary>Whether it lies farther out than every held-out prompt of the skill: no p-value from those can be smaller.</summary>
    public bool IsFarthest { get; init; }

    /// <summary>Whether it looks unlike any known skill: fewer than 1 % of the nearest one's held-out prompts lie as far out, or none where there are few.</summary>
    public bool IsNovel => LiesBeyond(NovelBelow);

    /// <summary>The p-value as a standard normal number: about 0 ± 1 for known prompts, larger for new ones.</summary>
    public double Score => NormalScore(PValue, 0);

    /// <summary>Whether fewer than a share of the skill's held-out prompts lie as far out, or none where they are too few for a p-value that small.</summary>
    /// <param name="share">The share.</param>
    public bool LiesBeyond(double share) => PValue < share || IsFarthest;

    // The quantile of 1 - p, half a step away from the ends, where it would be infinite.
    internal static double NormalScore(double p, int steps)
    {
        var margin = steps > 0 ? 0.5 / steps : 1e-4;
        return -NormalQuantile.Of(Math.Clamp(p, margin, 1 - margin));
    }
}
