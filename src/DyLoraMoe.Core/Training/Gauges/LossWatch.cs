using System.Globalization;

namespace DyLoraMoe.Core.Training;

/// <summary>Tells a poisoned batch by its loss, which no longer fits the smoothed loss of the steps before.</summary>
internal static class LossWatch
{
    // Weight of the past: the smoothed loss is that of roughly the last ten steps.
    private const double Smoothing = 0.9;

    /// <summary>What is wrong with a step's loss; null when nothing is.</summary>
    public static string? Trouble(RollbackOptions options, double? smoothed, double loss)
    {
        if (!double.IsFinite(loss))
        {
            return "the loss is not a finite number";
        }

        return smoothed is { } usual && loss > usual * options.MaxLossRatio && loss > usual + options.LeastLossRise
            ? string.Create(CultureInfo.InvariantCulture, $"the loss jumped to {loss:0.0000} nats per token from a smoothed {usual:0.0000}")
            : null;
    }

    public static double Smooth(double? smoothed, double loss) => smoothed is { } past ? (Smoothing * past) + ((1 - Smoothing) * loss) : loss;
}
