using System.Globalization;

namespace DyLoraMoe.Core.Training;

/// <summary>The smoothed loss of steps, by which a poisoned batch shows: its loss no longer fits.</summary>
/// <param name="Smoothed">Mean of the first losses, then exponentially smoothed, in nats per target token.</param>
/// <param name="Losses">Losses that it tells of, at most <see cref="Window"/>.</param>
internal sealed record LossWatch(double Smoothed = 0, int Losses = 0)
{
    private const int Window = 10;

    // Batches differ by chance, so that fewer tell too little of what is usual.
    private const int Fewest = 5;

    /// <summary>What is wrong with a step's loss; null when nothing is.</summary>
    public string? Trouble(RollbackOptions options, double loss)
    {
        if (!double.IsFinite(loss))
        {
            return "the loss is not a finite number";
        }

        return Losses >= Fewest && loss > Smoothed * options.MaxLossRatio && loss > Smoothed + options.LeastLossRise
            ? string.Create(CultureInfo.InvariantCulture, $"the loss jumped to {loss:0.0000} nats per token from a smoothed {Smoothed:0.0000}")
            : null;
    }

    /// <summary>With one more sound loss.</summary>
    public LossWatch With(double loss)
    {
        var losses = Math.Min(Losses + 1, Window);
        return new LossWatch(Smoothed + ((loss - Smoothed) / losses), losses);
    }
}
