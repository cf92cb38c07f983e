using System.Globalization;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>Prediction 1: critical rates.</summary>
internal static class RateSection
{
    private const double Tolerated = 0.02;
    private const double Learnt = 0.9;
    private const double Claimed = 1e-4;
    private const double Ratio = 5;
    private const double LeastRatio = 2;

    /// <summary>The section below the table.</summary>
    /// <param name="results">Results of the experiment.</param>
    public static string Of(IReadOnlyList<TrialResult> results)
    {
        var runs = new Paired(results).Runs;
        var at = MeanInterval.Of(Kind(results, "diverse").Where(result => result.Options.Rate == Claimed).Select(Share));
        var ratios = MeanInterval.Of(runs.Select(run => Math.Log(Critical(results, "diverse", run) / Critical(results, "narrow", run))));
        var enough = Kind(results, "diverse").GroupBy(result => result.Options.Rate).OrderBy(rate => rate.Key)
            .FirstOrDefault(rate => rate.Average(result => result.After?.Usual.Exact ?? 0) >= Learnt);
        var isQuietWhereLearnt = enough is not null && enough.Average(Share) < Tolerated;
        var isSupported = at.Mean < Tolerated && Math.Exp(ratios.Mean) >= Ratio && isQuietWhereLearnt;
        var isFalsified = at.Low > Tolerated || Math.Exp(ratios.Mean) < LeastRatio;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Forgetting at 1e-4 with diverse data is {Figure.Percent(at.Mean)} of the loss before (interval {Figure.Percent(at.Low)} to {Figure.Percent(at.High)}). The critical rate is {Mean(results, "diverse", runs):0.0e-0} with diverse data and {Mean(results, "narrow", runs):0.0e-0} with narrow data, {Math.Exp(ratios.Mean):0.0} times as high. {(enough is null ? "No rate of the grid answers 90 % of what is taught exactly" : $"90 % of what is taught is answered exactly from {enough.Key:0e-0} on, where forgetting is {Figure.Percent(enough.Average(Share))}")}.\n\n{Verdict.Of(isSupported, isFalsified)}\n\n");
    }

    /// <summary>The rate at which forgetting passes what is tolerated, between rates of the grid; the ends of the grid where it always or never does.</summary>
    /// <param name="results">Results of the experiment.</param>
    /// <param name="kind">Kind of data.</param>
    /// <param name="run">The run.</param>
    internal static double Critical(IReadOnlyList<TrialResult> results, string kind, int run)
    {
        var points = Kind(results, kind).Where(result => result.Options.Run == run).OrderBy(result => result.Options.Rate)
            .Select(result => (result.Options.Rate, Share: Math.Max(1e-6, double.IsNaN(Share(result)) ? double.MaxValue : Share(result)))).ToList();
        var over = points.FindIndex(point => point.Share > Tolerated);
        if (over <= 0)
        {
            return over == 0 ? Experiments.RateGrid[0] : Experiments.RateGrid[^1];
        }

        var (below, above) = (points[over - 1], points[over]);
        var part = Math.Log(Tolerated / below.Share) / Math.Log(above.Share / below.Share);
        return below.Rate * Math.Pow(above.Rate / below.Rate, part);
    }

    private static double Mean(IReadOnlyList<TrialResult> results, string kind, IReadOnlyList<int> runs) => Math.Exp(runs.Average(run => Math.Log(Critical(results, kind, run))));

    private static IEnumerable<TrialResult> Kind(IReadOnlyList<TrialResult> results, string kind) => results.Where(result => result.Options.Arm.StartsWith(kind, StringComparison.Ordinal));

    private static double Share(TrialResult result) => result.Forgetting / result.Before.General;
}
