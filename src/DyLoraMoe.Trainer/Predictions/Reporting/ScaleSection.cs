using System.Globalization;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>Prediction 5: the factorial, and all scales against the best alone.</summary>
internal static class ScaleSection
{
    // What is forgotten can be below nothing, of which there is no logarithm.
    private const double LeastForgetting = 1e-3;
    private const double ToleratedLoss = 0.05;
    private const double ToleratedNats = 0.1;

    /// <summary>The section below the table.</summary>
    /// <param name="results">Results of the experiment.</param>
    public static string Of(IReadOnlyList<TrialResult> results)
    {
        var paired = new Paired(results);
        var best = Experiments.Single.Select(one => Experiments.NameOf(one, isStressed: true)).MinBy(arm => MeanInterval.Of(paired.Of(arm, result => result.Forgetting)).Mean)!;
        var all = Experiments.NameOf(Mechanisms.All, isStressed: true);
        var forgetting = paired.Difference(all, best, result => result.Forgetting);
        var behaviour = paired.Difference(all, best, result => result.After!.Usual.Exact);
        var nats = paired.Difference(all, best, result => result.After!.Usual.Nats);
        var verdict = Verdict.Of(
            forgetting.High < 0 && behaviour.Mean >= -ToleratedLoss && nats.Mean <= ToleratedNats,
            forgetting.Low > 0 || behaviour.High < -ToleratedLoss || nats.Low > ToleratedNats);
        return Effects(paired)
            + $"Under stress the single mechanism that forgets least is '{best}'. With all on, forgetting differs from it by {Figure.Of(forgetting, 3)} nats, the loss of what is taught by {Figure.Of(nats, 3)} nats and exact answers by {Figure.Of(behaviour, 3)}.\n\n{verdict}\n\n";
    }

    private static string Effects(Paired paired)
    {
        // A run in which a cell diverged says nothing about effects.
        var complete = paired.Runs.Where(run => Experiments.HalfFraction.All(cell => double.IsFinite(Value(paired, cell, run, result => result.Forgetting)))).ToList();
        if (complete.Count == 0)
        {
            return "No run has a number in every cell, so that there are no effects to state.\n\n";
        }

        var forgetting = Of(result => Math.Log(Math.Max(LeastForgetting, result.Forgetting)));
        var behaviour = Of(result => result.After!.Usual.Exact);
        var nats = Of(result => result.After!.Usual.Nats);
        var table = new MarkdownTable("effect", "forgetting, times", "interval", "taught, nats", "exact answers, points");
        foreach (var set in Experiments.Single.Concat(Factorial.Pairs))
        {
            var (log, exact) = (forgetting.Effect(set), behaviour.Effect(set));
            table.Add(
                Experiments.Title(set).Replace(" + ", " x ", StringComparison.Ordinal),
                Times(log.Mean),
                $"{Times(log.Low)} to {Times(log.High)}",
                Figure.Of(nats.Effect(set), 2),
                Figure.Of(new MeanInterval(100 * exact.Mean, 100 * exact.HalfWidth, exact.Count), 1));
        }

        return $"Effects of switching one on, and interactions of two, over the half fraction in {complete.Count} runs:\n\n{table}\n"
            + $"Main effects alone, the seed's product, explain {Figure.Percent(forgetting.Explained(Experiments.Single), 0)} of the variance between cells of the logarithm of forgetting; with interactions of two, {Figure.Percent(forgetting.Explained(Experiments.Single.Concat(Factorial.Pairs)), 0)}.\n\n";

        Factorial Of(Func<TrialResult, double> value) =>
            new([.. complete.Select(run => Experiments.HalfFraction.ToDictionary(cell => cell, cell => Value(paired, cell, run, value)))]);
    }

    private static double Value(Paired paired, Mechanisms cell, int run, Func<TrialResult, double> value) =>
        paired.Of(Experiments.NameOf(cell, isStressed: true), value)[paired.Runs.ToList().IndexOf(run)];

    private static string Times(double log) => Math.Exp(log).ToString("0.00", CultureInfo.InvariantCulture);
}
