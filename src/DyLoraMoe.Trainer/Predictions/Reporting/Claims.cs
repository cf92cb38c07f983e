using System.Globalization;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>Predictions 2 to 4.</summary>
internal static class Claims
{
    private const double GeneralizedShare = 0.7;
    private const double LeastGeneralized = 0.35;
    private const double KeptShare = 0.5;

    /// <summary>Prediction 2.</summary>
    /// <param name="results">Results of the experiment.</param>
    public static string Generalization(IReadOnlyList<TrialResult> results)
    {
        var share = Share(ability => ability.NovelFrames.Nats);
        var pairs = Share(ability => ability.UntaughtPairs.Nats);
        return $"Of the gain in taught frames beyond the control, {Percent(share)} are found in frames that are not taught, and {Percent(pairs)} in pairs that are not taught.\n\n"
            + Verdict.Of(share.Mean >= GeneralizedShare, share.High < LeastGeneralized) + "\n\n";

        MeanInterval Share(Func<Ability, double> value) => MeanInterval.Of(Beyond(value).Zip(Beyond(ability => ability.Usual.Nats), (novel, usual) => novel / usual));

        IEnumerable<double> Beyond(Func<Ability, double> value)
        {
            var paired = new Paired(results);
            return paired.Of("taught", Gain).Zip(paired.Of("shuffled", Gain), (taught, control) => taught - control);

            double Gain(TrialResult result) => value(result.Before) - value(result.After!);
        }
    }

    /// <summary>Prediction 3.</summary>
    /// <param name="results">Results of the experiment.</param>
    public static string Context(IReadOnlyList<TrialResult> results)
    {
        var paired = new Paired(results);
        var difference = paired.Difference("detached context", "answer", result => result.Forgetting);
        var share = paired.Of("detached context", result => result.Forgetting).Average() / paired.Of("answer", result => result.Forgetting).Average();
        var reached = string.Join(", ", results.GroupBy(result => result.Options.Arm).Select(arm => $"{arm.Key} {arm.Count(result => result.IsReached == true)}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Runs that reached the loss they are compared at, of {paired.Runs.Count}: {reached}. Forgetting with a detached context is {share:0.00} times that with the loss on the answer, a difference of {Figure.Of(difference, 3)} nats.\n\n{Verdict.Of(share <= KeptShare && difference.High < 0, difference.High >= 0)}\n\n");
    }

    /// <summary>Prediction 4.</summary>
    /// <param name="results">Results of the experiment.</param>
    public static string Dreams(IReadOnlyList<TrialResult> results)
    {
        var paired = new Paired(results);
        var difference = paired.Difference("filtered dreams", "real upsampled", result => result.After!.UntaughtPairs.Nats);
        var nights = new MarkdownTable("dreams", "tried", "kept", "precision", "recall", "of pairs not taught", "distinct-2");
        foreach (var arm in results.Where(result => result.Night is not null).GroupBy(result => result.Options.Arm))
        {
            nights.Add(
                arm.Key,
                Figure.Of(arm.Average(result => result.Night!.Tried), 0),
                Figure.Of(arm.Average(result => result.Night!.Kept), 0),
                Figure.Percent(MeanInterval.Of(arm.Select(result => result.Night!.Precision)).Mean),
                Figure.Percent(MeanInterval.Of(arm.Select(result => result.Night!.Recall)).Mean),
                Figure.Percent(MeanInterval.Of(arm.Select(result => result.Night!.Untaught)).Mean),
                Figure.Of(MeanInterval.Of(arm.Select(result => result.Night!.Distinct2)).Mean, 2));
        }

        return $"{nights}\nThe loss on pairs that are not taught with filtered dreams, less that with real data upsampled: {Figure.Of(difference, 3)} nats.\n\n{Verdict.Of(difference.High < 0, difference.Low > 0)}\n\n";
    }

    private static string Percent(MeanInterval share) => $"{Figure.Percent(share.Mean, 0)} (interval {Figure.Percent(share.Low, 0)} to {Figure.Percent(share.High, 0)})";
}
