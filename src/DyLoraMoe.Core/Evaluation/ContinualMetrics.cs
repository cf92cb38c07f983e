namespace DyLoraMoe.Core.Evaluation;

/// <summary>
/// What a <see cref="ScoreMatrix"/> comes to (<see href="https://arxiv.org/abs/1706.08840">GEM</see>,
/// <see href="https://arxiv.org/abs/1801.10112">Riemannian Walk</see>). S is the last stage, T the number of tasks, s(j) the stage
/// that first taught task j; a figure is NaN when no task has anything to say about it.
/// </summary>
public sealed record ContinualMetrics
{
    private ContinualMetrics()
    {
    }

    /// <summary><c>1/T Σ_j R[S, j]</c>.</summary>
    public required double AverageAccuracy { get; init; }

    /// <summary>Mean of <c>R[S, j] - R[s(j), j]</c> over the tasks taught before the last stage: what came later did to what was known.</summary>
    public required double BackwardTransfer { get; init; }

    /// <summary>Mean of <c>max_{1 ≤ i &lt; S} R[i, j] - R[S, j]</c> over the tasks taught before the last stage: how far below its best each ends.</summary>
    public required double Forgetting { get; init; }

    /// <summary>Mean of <c>R[s(j) - 1, j] - R[0, j]</c> over the tasks not taught first: what earlier tasks gave to one not yet seen.</summary>
    public required double ForwardTransfer { get; init; }

    /// <summary>Mean of <c>max_{1 ≤ i &lt; S} R[i, j]</c> over the tasks taught before the last stage, which forgetting is a share of.</summary>
    public required double BestBefore { get; init; }

    /// <summary>Computes all of them.</summary>
    /// <param name="matrix">The scores.</param>
    public static ContinualMetrics Of(ScoreMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var (last, tasks) = (matrix.Stages, Enumerable.Range(0, matrix.Tasks).ToArray());
        var before = Array.FindAll(tasks, task => matrix.IntroducedAt[task] < last);
        var later = Array.FindAll(tasks, task => matrix.IntroducedAt[task] > 1);
        return new ContinualMetrics
        {
            AverageAccuracy = matrix.Average(last),
            BackwardTransfer = Mean(before, task => matrix[last, task] - matrix[matrix.IntroducedAt[task], task]),
            Forgetting = Mean(before, task => Best(task) - matrix[last, task]),
            ForwardTransfer = Mean(later, task => matrix[matrix.IntroducedAt[task] - 1, task] - matrix[0, task]),
            BestBefore = Mean(before, Best),
        };

        double Best(int task) => Enumerable.Range(1, last - 1).Max(stage => matrix[stage, task]);
    }

    private static double Mean(int[] tasks, Func<int, double> value) => tasks.Length == 0 ? double.NaN : tasks.Average(value);
}
