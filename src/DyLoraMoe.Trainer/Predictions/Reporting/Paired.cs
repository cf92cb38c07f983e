using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>Results of one experiment, compared run by run.</summary>
/// <param name="results">The results.</param>
internal sealed class Paired(IReadOnlyList<TrialResult> results)
{
    /// <summary>The runs.</summary>
    public IReadOnlyList<int> Runs { get; } = [.. results.Select(result => result.Options.Run).Distinct().Order()];

    /// <summary>A value of an arm, run by run; NaN where it has none.</summary>
    /// <param name="arm">The arm.</param>
    /// <param name="value">The value.</param>
    public IReadOnlyList<double> Of(string arm, Func<TrialResult, double> value) =>
        [.. Runs.Select(run => results.FirstOrDefault(result => result.Options.Arm == arm && result.Options.Run == run) is { After: not null } found ? value(found) : double.NaN)];

    /// <summary>How much more one arm has of it than another.</summary>
    /// <param name="one">The arm.</param>
    /// <param name="other">The other.</param>
    /// <param name="value">The value.</param>
    public MeanInterval Difference(string one, string other, Func<TrialResult, double> value) => MeanInterval.OfPairs(Of(one, value), Of(other, value));
}
