namespace DyLoraMoe.Core.Evaluation;

/// <summary>The area under the ROC curve: the chance that a positive scores above a negative, ties counting half.</summary>
public static class Auroc
{
    /// <summary>Computes it from ranks (Mann and Whitney).</summary>
    /// <param name="positives">Scores of what should score high.</param>
    /// <param name="negatives">Scores of what should score low.</param>
    /// <returns>0.5 for chance, 1 for perfect; NaN when one side is empty.</returns>
    /// <exception cref="ArgumentException">A score is not a number.</exception>
    public static double Of(IReadOnlyList<double> positives, IReadOnlyList<double> negatives)
    {
        ArgumentNullException.ThrowIfNull(positives);
        ArgumentNullException.ThrowIfNull(negatives);
        if (positives.Any(double.IsNaN) || negatives.Any(double.IsNaN))
        {
            throw new ArgumentException("A score is not a number.", nameof(positives));
        }

        if (positives.Count == 0 || negatives.Count == 0)
        {
            return double.NaN;
        }

        var sorted = negatives.Order().ToArray();
        var wins = positives.Sum(score => (Below(sorted, score, orEqual: false) + Below(sorted, score, orEqual: true)) / 2.0);
        return wins / ((double)positives.Count * negatives.Count);
    }

    private static int Below(double[] sorted, double score, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < score || (orEqual && sorted[middle] == score))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
