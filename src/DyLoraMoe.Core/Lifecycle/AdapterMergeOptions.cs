using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>How two experts are tried as one.</summary>
public sealed record AdapterMergeOptions
{
    /// <summary>Rank of the merged expert; null for the larger of the two.</summary>
    [Range(1, 4096)]
    public int? Rank { get; init; }

    /// <summary>Steps of distillation. Short: the truncated union is close already where a merge makes sense at all.</summary>
    [Range(0, 1_000_000)]
    public int Steps { get; init; } = 100;

    /// <summary>Rate at the start, falling to a tenth along half a cosine. Consolidation's default, since the start is trained.</summary>
    [Range(0.0, 1.0)]
    public double Rate { get; init; } = 2e-4;

    /// <summary>
    /// Weight of the samples' own answers beside the teachers'. Half: teachers alone pull two experts of one skill to their middle,
    /// which is worse than the better one.
    /// </summary>
    [Range(0.0, 1.0)]
    public double Labels { get; init; } = 0.5;

    /// <summary>Rows per batch; every step has one batch of each skill.</summary>
    [Range(1, 1 << 20)]
    public int Rows { get; init; } = 4;

    /// <summary>Positions per row.</summary>
    [Range(1, 1 << 24)]
    public int Context { get; init; } = 256;

    /// <summary>Seed of the order of the data.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How much worse either skill may get.</summary>
    public RegressionBudget Budget { get; init; } = new();
}

/// <summary>Where a merge starts.</summary>
public enum MergeStart
{
    /// <summary>Both updates in full: right when they act on different directions.</summary>
    Sum,

    /// <summary>Half of each: right when they say the same, where the sum would be twice too much.</summary>
    Average,

    /// <summary>The first expert alone: right when it serves both skills already.</summary>
    First,

    /// <summary>The second expert alone.</summary>
    Second,
}

/// <summary>One of two skills to merge.</summary>
/// <param name="Name">The skill.</param>
/// <param name="Expert">Its expert, which stays as it is and teaches.</param>
/// <param name="Train">Samples to distil on.</param>
/// <param name="HeldOut">Samples to judge by; not empty.</param>
public sealed record MergeSkill(
    string Name, Adapters.LoraAdapter Expert, IReadOnlyList<Data.TokenizedSample> Train, IReadOnlyList<Data.TokenizedSample> HeldOut);

/// <summary>What became of a merge.</summary>
/// <param name="IsAccepted">Whether both skills stayed within the budget.</param>
/// <param name="Adapter">The merged expert, the caller's; null when it was rejected.</param>
/// <param name="Start">The better starting point.</param>
/// <param name="Similarity">Cosine of the two updates.</param>
/// <param name="RelativeError">What cutting the union to its rank lost.</param>
/// <param name="StartLosses">Mean held-out loss over both skills of every starting point, before distillation.</param>
/// <param name="Steps">Steps of distillation; 0 where the start was good enough.</param>
/// <param name="Regression">Both skills, own expert against merged expert.</param>
/// <param name="Reason">For people, with the figures.</param>
public sealed record AdapterMergeResult(
    bool IsAccepted,
    Adapters.LoraAdapter? Adapter,
    MergeStart Start,
    double Similarity,
    double RelativeError,
    IReadOnlyDictionary<MergeStart, double> StartLosses,
    int Steps,
    RegressionReport Regression,
    string Reason);
