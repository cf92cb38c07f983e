using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>All complete runs of one stream, and what they come to.</summary>
internal sealed class BenchResults
{
    private readonly Dictionary<(string Arm, int Run), ArmRunRecord> _records;

    /// <summary>Takes the records.</summary>
    /// <param name="plan">What decided the figures.</param>
    /// <param name="records">Complete runs.</param>
    public BenchResults(BenchPlan plan, IEnumerable<ArmRunRecord> records)
    {
        Plan = plan;
        _records = records.ToDictionary(record => (record.Arm, record.Run));
        Arms = [.. ArmCatalog.All.Where(arm => _records.Keys.Any(key => key.Arm == arm.Name))];
    }

    /// <summary>What decided the figures.</summary>
    public BenchPlan Plan { get; }

    /// <summary>The arms with at least one complete run.</summary>
    public IReadOnlyList<ArmDefinition> Arms { get; }

    /// <summary>Whether scores are shares of exact answers; else they are negative nats per token.</summary>
    public bool IsExactMatch => _records.Values.First().IsExactMatch;

    /// <summary>An arm's complete runs, in order.</summary>
    public IReadOnlyList<ArmRunRecord> Of(string arm) => [.. _records.Where(pair => pair.Key.Arm == arm).OrderBy(pair => pair.Key.Run).Select(pair => pair.Value)];

    /// <summary>The score matrix of one run; rows that an arm does not have repeat the one before.</summary>
    public static ScoreMatrix Matrix(ArmRunRecord record) => new(
        record.IntroducedAt,
        [.. Enumerable.Range(0, record.Stages[^1].Stage + 1).Select(stage => (IReadOnlyList<double>)[.. record.Skills.Select(skill => Score(record, stage, skill))])]);

    /// <summary>A figure of every run that an arm has.</summary>
    public IReadOnlyList<double> Each(string arm, Func<ArmRunRecord, double> figure) => [.. Of(arm).Select(figure)];

    /// <summary>A figure's mean and interval over an arm's runs.</summary>
    public MeanInterval Interval(string arm, Func<ArmRunRecord, double> figure) => MeanInterval.Of(Each(arm, figure));

    /// <summary>The mean difference of two arms over the runs that both have.</summary>
    public MeanInterval Difference(string arm, string other, Func<ArmRunRecord, double> figure)
    {
        var runs = Of(arm).Select(record => record.Run).Intersect(Of(other).Select(record => record.Run)).ToList();
        return MeanInterval.OfPairs([.. runs.Select(run => figure(_records[(arm, run)]))], [.. runs.Select(run => figure(_records[(other, run)]))]);
    }

    /// <summary>The average accuracy of a run, after the last stage.</summary>
    public static double Accuracy(ArmRunRecord record) => ContinualMetrics.Of(Matrix(record)).AverageAccuracy;

    /// <summary>The forgetting of a run; NaN for an arm that learns at the end.</summary>
    public static double Forgetting(ArmRunRecord record) => LearnsInStages(record) ? ContinualMetrics.Of(Matrix(record)).Forgetting : double.NaN;

    /// <summary>Whether there is a result after every stage.</summary>
    public static bool LearnsInStages(ArmRunRecord record) => record.Stages.Count == record.Stages[^1].Stage + 1;

    /// <summary>The area under the ROC curve of the batches of <paramref name="kind"/> against those that are not novel.</summary>
    public static double NoveltyArea(ArmRunRecord record, NoveltyKind kind) => record.Novelty is not { } judged
        ? double.NaN
        : Auroc.Of(
            [.. judged.Where(batch => batch.Kind == kind).Select(batch => batch.Score)],
            [.. judged.Where(batch => batch.Kind is NoveltyKind.Paraphrase or NoveltyKind.Returning).Select(batch => batch.Score)]);

    /// <summary>Share of the batches of these kinds that were taken for novel.</summary>
    public static double TakenForNovel(ArmRunRecord record, params NoveltyKind[] kinds)
    {
        var batches = record.Novelty?.Where(batch => kinds.Contains(batch.Kind)).ToList() ?? [];
        return batches.Count == 0 ? double.NaN : batches.Average(batch => batch.IsNovel ? 1.0 : 0.0);
    }

    private static double Score(ArmRunRecord record, int stage, string skill)
    {
        var score = record.Stages.Last(row => row.Stage <= stage).Scores[skill];
        return record.IsExactMatch ? score.Exact!.Value : -score.Nats;
    }
}
