using System.Text;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Continual.Running;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>Everything measured on a stream as JSON, one run of an arm per line.</summary>
internal static class RawResults
{
    /// <summary>The document.</summary>
    /// <param name="results">The results.</param>
    /// <param name="tuning">What tuning found.</param>
    public static string Of(BenchResults results, IReadOnlyList<TuningRecord> tuning)
    {
        var text = new StringBuilder("{\"plan\": ").Append(JsonText.Line(results.Plan)).Append(",\n\"tuning\": [\n");
        text.AppendJoin(",\n", tuning.Select(JsonText.Line)).Append("],\n\"runs\": [\n");
        return text.AppendJoin(",\n", results.Arms.SelectMany(arm => results.Of(arm.Name)).Select(record => JsonText.Line(Compact(record)))).Append("]}\n").ToString();
    }

    private static object Compact(ArmRunRecord record) => new
    {
        record.Arm,
        record.Run,
        record.Stages[^1].Rate,
        record.Skills,
        record.IntroducedAt,
        Stages = record.Stages.Select(stage => stage.Stage).ToArray(),
        Visits = record.Stages.Select(stage => stage.Visit).ToArray(),
        Kinds = record.Stages.Select(stage => stage.Kind).ToArray(),
        Exact = Rows(record, (stage, skill) => stage.Scores[skill].Exact),
        Nats = Rows(record, (stage, skill) => stage.Scores[skill].Nats),
        Tokens = record.Stages.Select(stage => stage.Tokens).ToArray(),
        Seconds = record.Stages.Select(stage => Math.Round(stage.LearnSeconds, 1)).ToArray(),
        AddedParameters = record.Stages.Select(stage => stage.AddedParameters).ToArray(),
        Experts = record.Stages.Select(stage => stage.Experts).ToArray(),
        Routing = record.Stages[^1].Routing is null ? null : Rows(record, (stage, skill) => stage.Routing?.TryGetValue(skill, out var accuracy) == true ? accuracy : null),
        Notes = record.Stages.Select(stage => stage.Note).ToArray(),
        Novelty = record.Novelty?.Select(batch => batch with { Score = double.IsFinite(batch.Score) ? Math.Round(batch.Score, 4) : 0 }).ToArray(),
    };

    private static double?[][] Rows(ArmRunRecord record, Func<StageRecord, string, double?> value) =>
        [.. record.Stages.Select(stage => record.Skills.Select(skill => value(stage, skill) is { } known ? Math.Round(known, 4) : (double?)null).ToArray())];
}
