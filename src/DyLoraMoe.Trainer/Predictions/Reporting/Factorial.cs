using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>
/// Effects of mechanisms from a half fraction of all 64 cells. With an even number of mechanisms on in every cell, columns of main effects and of pairs are orthogonal,
/// and each main effect is mixed up with an interaction of five, each pair with one of four.
/// </summary>
/// <param name="cells">A value for every cell of the fraction, one list a run.</param>
internal sealed class Factorial(IReadOnlyList<IReadOnlyDictionary<Mechanisms, double>> cells)
{
    /// <summary>The effect of a set of mechanisms: by how much the value is higher where an even number of them is off than elsewhere, over all cells and runs.</summary>
    /// <param name="set">One mechanism for a main effect, two for their interaction.</param>
    public MeanInterval Effect(Mechanisms set) => MeanInterval.Of(cells.Select(run => 2 * run.Average(cell => Sign(cell.Key, set) * cell.Value)));

    /// <summary>Share of the variance between cells, of the mean over runs, that effects explain.</summary>
    /// <param name="sets">The effects.</param>
    public double Explained(IEnumerable<Mechanisms> sets)
    {
        var means = Experiments.HalfFraction.ToDictionary(cell => cell, cell => cells.Average(run => run[cell]));
        var grand = means.Values.Average();
        var total = means.Values.Sum(value => (value - grand) * (value - grand));
        return total == 0 ? double.NaN : sets.Sum(set => Math.Pow(means.Average(cell => Sign(cell.Key, set) * cell.Value), 2) * means.Count) / total;
    }

    /// <summary>Every pair of mechanisms.</summary>
    public static IReadOnlyList<Mechanisms> Pairs { get; } =
        [.. Experiments.Single.SelectMany((one, index) => Experiments.Single.Skip(index + 1).Select(other => one | other))];

    // Each mechanism counts +1 where it is on and -1 where it is off; a set is their product.
    private static int Sign(Mechanisms cell, Mechanisms set) => int.PopCount((int)(set & ~cell)) % 2 == 0 ? 1 : -1;
}
