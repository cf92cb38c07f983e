using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>A figure that must hold.</summary>
/// <param name="What">What is asked.</param>
/// <param name="Needed">The bound.</param>
/// <param name="Found">What was measured.</param>
/// <param name="Holds">Whether it holds; null where nothing was measured.</param>
internal sealed record Requirement(string What, string Needed, string Found, bool? Holds);

/// <summary>The figures that this system must reach on a stream, as means over the paired runs.</summary>
/// <param name="results">The stream's results.</param>
internal sealed class Requirements(BenchResults results)
{
    private const string System = ArmCatalog.System;

    private bool IsExact => results.IsExactMatch;

    private int Decimals => IsExact ? 3 : 4;

    /// <summary>All of them; empty when the system was not among the arms.</summary>
    public IReadOnlyList<Requirement> All() => results.Arms.Any(arm => arm.Name == System)
        ? [Forgetting(), Fraction(), Oracle(), Others(), RoutingAccuracy(), RoutingLoss(), Experts(), Novelty(NoveltyKind.Near, 0.95), Novelty(NoveltyKind.Far, 0.99), FalseAlarms()]
        : [];

    /// <summary>Accuracy of routing over all skills after the last stage.</summary>
    public static double RoutingAtEnd(ArmRunRecord record) => record.Stages[^1].Routing is { Count: > 0 } routing ? routing.Values.Average() : double.NaN;

    /// <summary>Accuracy on the first skill right after it was learnt, less that after the last stage.</summary>
    public static double RoutingLost(ArmRunRecord record)
    {
        var first = record.Skills[record.IntroducedAt.ToList().IndexOf(1)];
        return record.Stages[^1].Routing is { } last && record.Stages.First(stage => stage.Stage == 1).Routing is { } then ? then[first] - last[first] : double.NaN;
    }

    private Requirement Forgetting()
    {
        var forgetting = results.Interval(System, BenchResults.Forgetting);
        if (!IsExact)
        {
            return Of("forgetting of this system", "at most 0.01 nats", Figure.Of(forgetting, Decimals), forgetting.Mean, mean => mean <= 0.01);
        }

        var share = results.Interval(System, record => BenchResults.Forgetting(record) / ContinualMetrics.Of(BenchResults.Matrix(record)).BestBefore);
        return Of("forgetting of this system, as a share of its best scores", "at most 1 %", Figure.Percent(share.Mean, 2), share.Mean, mean => mean <= 0.01);
    }

    private Requirement Fraction()
    {
        var (own, full) = (results.Interval(System, BenchResults.Forgetting).Mean, results.Interval(ArmCatalog.FullFineTuning, BenchResults.Forgetting).Mean);
        return Of(
            "forgetting of sequential full fine-tuning", "at least 10 times that of this system", $"{Figure.Of(full, Decimals)} against {Figure.Of(own, Decimals)}", full + own, _ => full > 0 && full >= 10 * own);
    }

    // The better of the two that know the task.
    private Requirement Oracle()
    {
        var bound = results.Interval(ArmCatalog.OracleActivated, BenchResults.Accuracy).Mean > results.Interval(ArmCatalog.Oracle, BenchResults.Accuracy).Mean ? ArmCatalog.OracleActivated : ArmCatalog.Oracle;
        if (!IsExact)
        {
            var difference = results.Difference(System, bound, BenchResults.Accuracy);
            return Of("average score against one LoRA per task, task known", "within 0.02 nats", Figure.Of(difference, Decimals), difference.Mean, mean => mean >= -0.02);
        }

        var (own, oracle) = (results.Interval(System, BenchResults.Accuracy).Mean, results.Interval(bound, BenchResults.Accuracy).Mean);
        return Of("average accuracy against one LoRA per task, task known", "at least 0.97 of it", Figure.Of(own / oracle, 3), own / oracle, share => share >= 0.97);
    }

    private Requirement Others()
    {
        var better = results.Arms
            .Where(arm => arm.Name != System && !arm.IsUpperBound)
            .Select(arm => (arm.Title, Difference: results.Difference(arm.Name, System, BenchResults.Accuracy)))
            .Where(other => other.Difference.Mean > 0)
            .OrderByDescending(other => other.Difference.Mean)
            .ToList();
        return new Requirement(
            "average score against every other arm at equal budgets",
            "best",
            better.Count == 0 ? "best" : "better: " + string.Join("; ", better.Select(other => $"{other.Title} by {Figure.Of(other.Difference, Decimals)}")),
            better.Count == 0);
    }

    private Requirement RoutingAccuracy()
    {
        var accuracy = results.Interval(System, RoutingAtEnd).Mean;
        return Of("routing accuracy on held-out prompts, after the last skill", "at least 97 %", Figure.Percent(accuracy), accuracy, mean => mean >= 0.97);
    }

    private Requirement RoutingLoss()
    {
        var lost = results.Interval(System, RoutingLost).Mean;
        return Of("loss of routing accuracy on the first skill", "at most 1 point", Figure.Of(100 * lost, 2), lost, mean => mean <= 0.01);
    }

    private Requirement Experts()
    {
        var equal = results.Interval(System, record => record.Stages[^1].Experts == record.Skills.Count ? 1 : 0).Mean;
        return Of("runs with as many experts as true skills", "at least 90 %", Figure.Percent(equal, 0), equal, mean => mean >= 0.9);
    }

    private Requirement Novelty(NoveltyKind kind, double least)
    {
        var area = results.Interval(System, record => BenchResults.NoveltyArea(record, kind));
        return Of($"novelty AUROC, {kind.ToString().ToLowerInvariant()}", $"at least {Figure.Of(least, 2)}", Figure.Of(area, 3), area.Mean, mean => mean >= least);
    }

    private Requirement FalseAlarms()
    {
        var alarms = results.Interval(System, record => BenchResults.TakenForNovel(record, NoveltyKind.Returning, NoveltyKind.Paraphrase)).Mean;
        return Of("false alarms on known skills, returning and paraphrased, at a stated 1 %", "at most 2 %", Figure.Percent(alarms), alarms, mean => mean <= 0.02);
    }

    private static Requirement Of(string what, string needed, string found, double value, Func<double, bool> holds) =>
        new(what, needed, found, double.IsNaN(value) ? null : holds(value));
}
