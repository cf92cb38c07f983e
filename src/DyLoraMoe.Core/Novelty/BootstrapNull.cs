using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// What a score looks like when the batch does belong to the skill: means of random held-out samples, drawn with replacement, spread as the
/// batch's mean does. What they spread around is known from a finite number of samples only: with n samples in the batch and R that say what is
/// expected, the two means differ with variance <c>σ² (1/n + 1/R)</c>, that of a mean of <c>n_eff = n R / (n + R)</c> samples. Where training
/// samples say what is expected, the held-out mean's own error must not count a second time, so means are taken around it; where only the
/// held-out samples do, R is their number.
/// </summary>
internal static class BootstrapNull
{
    // Draws in one matrix: a low false-alarm rate asks for a hundred times as many.
    private const int AtOnce = 2000;

    /// <summary>Scores the batch and says how many of the random means score as high.</summary>
    /// <returns>The batch's score; <c>p = (1 + #{null ≥ score}) / (1 + draws)</c>; and how many deviations of the null the score lies above its mean.</returns>
    public static (double Score, double PValue, double Deviations) Test(SignalStatistics statistics, int draws, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (batch, heldOut) = (statistics.Batch.shape[0], (int)statistics.HeldOut.shape[0]);
        var known = statistics.Expected is null ? heldOut : statistics.ExpectedFrom;
        var size = Math.Max(1, (int)Math.Round((double)batch * known / (batch + known)));
        var score = statistics.Score(statistics.Batch.mean([0], keepdim: true)).item<double>();
        var random = new SeededRandom(seed, SeededRandom.Key("bootstrap"), (ulong)heldOut, (ulong)size);
        double[] nulls = [.. Enumerable.Range(0, draws).Chunk(AtOnce).SelectMany(part => Scores(statistics, part.Length, size, random))];
        var (mean, atLeast) = (nulls.Average(), nulls.Count(value => value >= score));
        var deviation = Math.Sqrt(nulls.Average(value => (value - mean) * (value - mean)));
        return (score, (1.0 + atLeast) / (1 + draws), (score - mean) / Math.Max(deviation, 1e-12));
    }

    // Scores of random means, each of so many samples.
    private static double[] Scores(SignalStatistics statistics, int draws, int size, SeededRandom random)
    {
        using var scope = NewDisposeScope();
        var heldOut = (int)statistics.HeldOut.shape[0];
        var means = Counts(draws, heldOut, size, random).matmul(statistics.HeldOut) / size;                  // (draws, C)
        if (statistics.Expected is { } expected && heldOut > 1)
        {
            means = expected + ((means - statistics.HeldOut.mean([0], keepdim: true)) * Math.Sqrt(heldOut / (heldOut - 1.0)));
        }

        return statistics.Score(means).data<double>().ToArray();
    }

    // How often each held-out sample was drawn, (draws, M).
    private static Tensor Counts(int draws, int heldOut, int size, SeededRandom random)
    {
        var counts = new double[draws * heldOut];
        for (var draw = 0; draw < draws; draw++)
        {
            for (var i = 0; i < size; i++)
            {
                counts[(draw * heldOut) + random.Next(heldOut)]++;
            }
        }

        return tensor(counts, [draws, heldOut]);
    }
}
