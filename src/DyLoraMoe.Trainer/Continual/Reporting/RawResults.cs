using System.Text;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Scoring;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>Everything measured on a stream as JSON, one run of an arm per line. Another machine can go on from it.</summary>
/// <param name="Plan">What decided the figures.</param>
/// <param name="Tuning">What tuning found.</param>
/// <param name="Runs">The runs of all arms.</param>
internal sealed record RawResults(BenchPlan Plan, IReadOnlyList<TuningRecord> Tuning, IReadOnlyList<RawRun> Runs)
{
    /// <summary>The document.</summary>
    /// <param name="results">The results.</param>
    /// <param name="tuning">What tuning found.</param>
    public static string Of(BenchResults results, IReadOnlyList<TuningRecord> tuning)
    {
        var text = new StringBuilder("{\"plan\": ").Append(JsonText.Line(results.Plan)).Append(",\n\"tuning\": [\n");
        text.AppendJoin(",\n", tuning.Select(JsonText.Line)).Append("],\n\"runs\": [\n");
        return text.AppendJoin(",\n", results.Arms.SelectMany(arm => results.Of(arm.Name)).Select(record => JsonText.Line(RawRun.Of(record)))).Append("]}\n").ToString();
    }

    /// <summary>Reads a document.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static RawResults Read(string path) => JsonText.Read<RawResults>(path);

    /// <summary>The records of all runs.</summary>
    public IReadOnlyList<ArmRunRecord> Records() => [.. Runs.Select(run => run.ToRecord(Plan.Stream))];
}

/// <summary>A run of an arm: a row for every stage, a column for every true skill.</summary>
internal sealed record RawRun
{
    public required string Arm { get; init; }

    public required int Run { get; init; }

    public required double Rate { get; init; }

    public required IReadOnlyList<string> Skills { get; init; }

    public required IReadOnlyList<int> IntroducedAt { get; init; }

    public required IReadOnlyList<int> Stages { get; init; }

    public required IReadOnlyList<string?> Visits { get; init; }

    public required IReadOnlyList<string?> TrueSkills { get; init; }

    public required IReadOnlyList<VisitKind?> Kinds { get; init; }

    public required IReadOnlyList<IReadOnlyList<double?>> Exact { get; init; }

    public required IReadOnlyList<IReadOnlyList<double>> Nats { get; init; }

    public required IReadOnlyList<long> Tokens { get; init; }

    public required IReadOnlyList<double> Seconds { get; init; }

    public required IReadOnlyList<long> AddedParameters { get; init; }

    public required IReadOnlyList<int> Experts { get; init; }

    public IReadOnlyList<IReadOnlyList<double?>>? Routing { get; init; }

    public int? RoutedPrompts { get; init; }

    public required IReadOnlyList<string?> Notes { get; init; }

    public IReadOnlyList<NoveltyRecord>? Novelty { get; init; }

    public static RawRun Of(ArmRunRecord record) => new()
    {
        Arm = record.Arm,
        Run = record.Run,
        Rate = record.Stages[^1].Rate,
        Skills = record.Skills,
        IntroducedAt = record.IntroducedAt,
        Stages = Each(record, stage => stage.Stage),
        Visits = Each(record, stage => stage.Visit),
        TrueSkills = Each(record, stage => stage.Skill),
        Kinds = Each(record, stage => stage.Kind),
        Exact = Rows(record, (stage, skill) => stage.Scores[skill].Exact),
        Nats = Rows(record, (stage, skill) => stage.Scores[skill].Nats),
        Tokens = Each(record, stage => stage.Tokens),
        Seconds = Each(record, stage => stage.LearnSeconds),
        AddedParameters = Each(record, stage => stage.AddedParameters),
        Experts = Each(record, stage => stage.Experts),
        Routing = record.Stages[^1].Routing is null ? null : Rows<double?>(record, (stage, skill) => stage.Routing?.TryGetValue(skill, out var accuracy) == true ? accuracy : null),
        RoutedPrompts = record.RoutedPrompts,
        Notes = Each(record, stage => stage.Note),
        Novelty = record.Novelty,
    };

    public ArmRunRecord ToRecord(string stream) => new()
    {
        Stream = stream,
        Run = Run,
        Arm = Arm,
        Skills = Skills,
        IntroducedAt = IntroducedAt,
        IsExactMatch = stream == SyntheticStream.Name,
        Stages = [.. Stages.Select((stage, row) => new StageRecord
        {
            Stream = stream,
            Run = Run,
            Arm = Arm,
            Stage = stage,
            Visit = Visits[row],
            Skill = TrueSkills[row],
            Kind = Kinds[row],
            Rate = Rate,
            Tokens = Tokens[row],
            LearnSeconds = Seconds[row],
            AddedParameters = AddedParameters[row],
            Experts = Experts[row],
            Scores = Skills.Select((skill, column) => (skill, Score: new SkillScore(Nats[row][column], Exact[row][column], 0))).ToDictionary(pair => pair.skill, pair => pair.Score, StringComparer.Ordinal),
            Routing = Routing is null || Routing[row].All(accuracy => accuracy is null) ? null
                : Skills.Select((skill, column) => (skill, Accuracy: Routing[row][column])).Where(pair => pair.Accuracy is not null).ToDictionary(pair => pair.skill, pair => pair.Accuracy!.Value, StringComparer.Ordinal),
            Note = Notes[row],
        })],
        RoutedPrompts = RoutedPrompts,
        Novelty = Novelty,
    };

    private static T[] Each<T>(ArmRunRecord record, Func<StageRecord, T> value) => [.. record.Stages.Select(value)];

    private static T[][] Rows<T>(ArmRunRecord record, Func<StageRecord, string, T> value) => [.. record.Stages.Select(stage => record.Skills.Select(skill => value(stage, skill)).ToArray())];
}
