using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// APOLLO (<see href="https://arxiv.org/abs/2412.05270">Zhu and others</see>) for matrices of attention and feed-forward layers: the raw gradient, scaled by
/// factors that Adam's moments of a random projection of it give. A matrix of m by n, m at most n, keeps 2·rank·n + 2 numbers where AdamW keeps 2·m·n.
/// All other weights follow AdamW.
/// </summary>
public sealed record ApolloOptions
{
    /// <summary>APOLLO-Mini: one projection and one factor for a whole matrix, 2·n + 2 numbers.</summary>
    public static ApolloOptions Mini { get; } = new() { Granularity = ApolloGranularity.Tensor, Rank = 1 };

    /// <summary>What shares a factor. The default is a channel, along the larger dimension.</summary>
    public ApolloGranularity Granularity { get; init; } = ApolloGranularity.Channel;

    /// <summary>Rows of the projection; a quarter of the smaller dimension when null, and never more than that dimension.</summary>
    [Range(1, 1 << 16)]
    public int? Rank { get; init; }

    /// <summary>Steps after which another projection is drawn. Moments go on over it.</summary>
    [Range(1, int.MaxValue)]
    public int RenewEvery { get; init; } = 200;

    /// <summary>Most that the norm of an update may grow from one step to the next, as a factor.</summary>
    [Range(1.0, 1e6)]
    public double NormGrowth { get; init; } = 1.01;

    /// <summary>
    /// Steps whose norms are only noted, at first and after <see cref="TrainingStep.ForgetNorms"/>: the limit begins at their mean. A first step of a tiny norm would
    /// otherwise hold back the next ln(k) / ln(<see cref="NormGrowth"/>), 231 of them for a tenfold norm.
    /// </summary>
    [Range(1, 1 << 16)]
    public int NormWarmUp { get; init; } = 10;

    /// <summary>
    /// Factor on every update, for what a projection of low rank measures too small. Null for 1 with a factor a channel, and for the root of a quarter of the smaller
    /// dimension with one factor a matrix, which is what the paper takes at its smallest size.
    /// </summary>
    [Range(1e-6, 1e6)]
    public double? Scale { get; init; }

    /// <summary>Guard against division by zero in the projected space.</summary>
    [Range(1e-16, 1.0)]
    public double Epsilon { get; init; } = 1e-6;
}

/// <summary>What shares a factor of APOLLO's.</summary>
public enum ApolloGranularity
{
    /// <summary>One row or column along the larger dimension.</summary>
    Channel,

    /// <summary>The whole matrix.</summary>
    Tensor,
}
