using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// What a score looks like when the batch does belong to the skill. With n samples in the batch and M held out, the mean of the
/// batch differs from the mean of the held-out samples with variance <c>σ² (1/n + 1/M)</c>: that of a mean of
/// <c>n_eff = n M / (n + M)</c> samples. So means of n_eff random held-out samples, drawn with replacement, spread as the batch's
/// mean does, and the finite number of held-out samples is accounted for.
/// </summary>
internal static class BootstrapNull
{
    /// <summary>Scores the batch and says how many of the random means score as high.</summary>
    /// <returns>The batch's score; <c>p = (1 + #{null ≥ score}) / (1 + draws)</c>; and how many deviations of the null the score lies above its mean.</returns>
    public static (double Score, double PValue, double Deviations) Test(SignalStatistics statistics, int draws, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (batch, heldOut) = (statistics.Batch.shape[0], (int)statistics.HeldOut.shape[0]);
        var size = Math.Max(1, (int)Math.Round((double)batch * heldOut / (batch + heldOut)));
        var score = statistics.Score(statistics.Batch.mean([0], keepdim: true)).item<double>();
        var nulls = statistics.Score(Counts(draws, heldOut, size, seed).matmul(statistics.HeldOut) / size).data<double>().ToArray();
        var (mean, atLeast) = (nulls.Average(), nulls.Count(value => value >= score));
        var deviation = Math.Sqrt(nulls.Average(value => (value - mean) * (value - mean)));
        return (score, (1.0 + atLeast) / (1 + draws), (score - mean) / Math.Max(deviation, 1e-12));
    }

    // How often each held-out sample was drawn, (draws, M).
    private static Tensor Counts(int draws, int heldOut, int size, ulong seed)
    {
        var random = new SeededRandom(seed, SeededRandom.Key("bootstrap"), (ulong)heldOut, (ulong)size);
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
