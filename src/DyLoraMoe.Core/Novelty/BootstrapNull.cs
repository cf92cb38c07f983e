using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// What a score looks like when the batch does belong to the skill: means of random held-out samples, drawn with replacement, spread as the
/// batch's mean does. What they spread around is known from a finite number of samples only: with n samples in the batch and R that say what is
/// expected, the two means differ with variance <c>σ² (1/n + 1/R)</c>, that of a mean of <c>n_eff = n R / (n + R)</c> samples. Where training
/// samples say what is expected, the held-out mean's own error must not count a second time, so means are taken around it; where only the
/// held-out samples do, R is their number. Nor is σ known but from the M held-out samples: each mean's distance from the middle is
/// taken <c>√(M/(M−1) · ν/χ²_ν)</c> times, with a χ² of its own, which makes Student's t of what would be normal and vanishes as M grows. Of one number per
/// sample ν is M − 1; of several, as many times more as count: <c>(tr Σ)²/tr Σ²</c>, since the size of a sum of squares is known better than each of them.
/// </summary>
internal static class BootstrapNull
{
    // Draws in one matrix: a low false-alarm rate asks for a hundred times as many.
    private const int AtOnce = 2000;

    // Scores that differ by less differ by rounding: of a skill whose prompts are all the same there is no other spread.
    private const double Precision = 1e-9;

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
        if (heldOut == 1)
        {
            // One sample says nothing of a spread.
            return (score, 1, 0);
        }

        var random = new SeededRandom(seed, SeededRandom.Key("bootstrap"), (ulong)heldOut, (ulong)size);
        var spread = new SeededRandom(seed, SeededRandom.Key("spread"), (ulong)heldOut, (ulong)size);
        var degrees = Degrees(statistics.HeldOut);
        double[] nulls = [.. Enumerable.Range(0, draws).Chunk(AtOnce).SelectMany(part => Scores(statistics, Counts(part.Length, heldOut, size, random), Spreads(part.Length, heldOut, degrees, spread)))];
        var (mean, atLeast) = (nulls.Average(), nulls.Count(value => value >= score - Precision));
        var deviation = Math.Sqrt(nulls.Average(value => (value - mean) * (value - mean)));
        return (score, (1.0 + atLeast) / (1 + draws), (score - mean) / Math.Max(deviation, 1e-12));
    }

    // Scores of random means by how often each sample was drawn, (draws, M), and how much further out they lie, (draws, 1).
    private static double[] Scores(SignalStatistics statistics, Tensor counts, Tensor spreads)
    {
        using var scope = NewDisposeScope();
        scope.Attach(counts, spreads);
        var center = statistics.HeldOut.mean([0], keepdim: true);                                            // (1, C)
        var means = counts.matmul(statistics.HeldOut) / counts.sum(1, keepdim: true);                        // (draws, C)
        return statistics.Score((statistics.Expected ?? center) + ((means - center) * spreads)).data<double>().ToArray();
    }

    // Of the χ² that says how well the spread is known. A single value has no spread to know.
    private static double Degrees(Tensor heldOut)
    {
        using var scope = NewDisposeScope();
        var centered = heldOut - heldOut.mean([0], keepdim: true);
        var covariance = centered.t().matmul(centered);                                                      // (M, C) -> (C, C)
        var (sum, squares) = (covariance.trace().item<double>(), covariance.square().sum().item<double>());
        return (heldOut.shape[0] - 1) * (squares > 0 ? sum * sum / squares : 1);
    }

    // χ² by the cube of a normal number (Wilson and Hilferty), which is within two percent from three degrees on.
    private static Tensor Spreads(int draws, int heldOut, double degrees, SeededRandom random)
    {
        var part = 2 / (9 * degrees);
        var spreads = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var chi = Math.Pow(Math.Max(1e-2, 1 - part + (random.NextNormal() * Math.Sqrt(part))), 3);
            spreads[draw] = Math.Sqrt(heldOut / (heldOut - 1.0) / chi);
        }

        return tensor(spreads, [draws, 1]);
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
