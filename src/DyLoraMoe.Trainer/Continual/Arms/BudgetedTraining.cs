using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// The training that all baselines share: AdamW, a short warm-up, a cosine down to a tenth, and never a token more than the
/// budget. Nothing is chosen by held-out data, so that arms differ in what they train and in nothing else.
/// </summary>
internal static class BudgetedTraining
{
    private const double FinalShare = 0.1;

    /// <summary>The options of a step with the shape of <paramref name="settings"/>.</summary>
    public static TrainingOptions Options(ArmSettings settings) => TrainingOptions.Expert with { Rows = settings.Rows, Context = settings.RowLength };

    /// <summary>A source of packed batches.</summary>
    public static IBatchSource Source(IReadOnlyList<TokenizedSample> samples, ArmSettings settings, ulong seed) =>
        new SampleBatchSource(samples, new BatchOptions { Rows = settings.Rows, RowLength = settings.RowLength, Seed = seed });

    /// <summary>Trains until the next batch would exceed the budget.</summary>
    /// <param name="step">What trains.</param>
    /// <param name="source">What it learns from.</param>
    /// <param name="budget">Most tokens.</param>
    /// <param name="rate">The highest rate.</param>
    /// <param name="settings">Length of the warm-up.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <param name="addGradients">Called between the backward pass and the update, for penalties with a gradient of their own.</param>
    /// <returns>Tokens trained on.</returns>
    /// <exception cref="TrainingDivergedException">The loss is no longer finite.</exception>
    public static long Run(
        TrainingStep step, IBatchSource source, long budget, double rate, ArmSettings settings, CancellationToken cancellation, Action? addGradients = null)
    {
        var tokens = 0L;
        for (var taken = 0; ; taken++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = MicroBatches.Take(source, 1);
            if (tokens + batch.Tokens > budget)
            {
                return step.TakeLoss() is { } loss && !double.IsFinite(loss) ? throw new TrainingDivergedException(taken, "The loss") : tokens;
            }

            step.Accumulate(batch.Batches[0], batch.LossTokens);
            addGradients?.Invoke();
            step.Apply(RateAt(taken, (double)tokens / budget, rate, settings));
            tokens += batch.Tokens;
        }
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="taken">Steps before it.</param>
    /// <param name="used">Share of the budget used before it.</param>
    /// <param name="rate">The highest rate.</param>
    /// <param name="settings">Length of the warm-up.</param>
    public static double RateAt(int taken, double used, double rate, ArmSettings settings)
    {
        var warm = Math.Min(1, (taken + 1.0) / settings.WarmUpSteps);
        var cosine = FinalShare + ((1 - FinalShare) * (1 + Math.Cos(Math.PI * used)) / 2);
        return rate * Math.Min(warm, cosine);
    }

    /// <summary>Samples worth about <paramref name="tokens"/> tokens, in random order, each used once before any is used again.</summary>
    public static IEnumerable<TokenizedSample> Worth(IReadOnlyList<TokenizedSample> samples, long tokens, SeededRandom random)
    {
        var taken = 0L;
        while (taken < tokens)
        {
            var order = samples.ToArray();
            random.Shuffle(order.AsSpan());
            foreach (var sample in order)
            {
                if (taken >= tokens)
                {
                    yield break;
                }

                taken += sample.Positions;
                yield return sample;
            }
        }
    }
}
