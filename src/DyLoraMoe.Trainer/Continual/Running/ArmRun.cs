using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Scoring;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>Leads one arm, and its shadows, through one run of a stream.</summary>
/// <param name="place">What all work shares.</param>
/// <param name="plan">What decides the figures.</param>
/// <param name="stream">The run's stream.</param>
/// <param name="group">The arm and its shadows.</param>
/// <param name="setting">What was tuned.</param>
internal sealed class ArmRun(Workplace place, BenchPlan plan, SkillStream stream, ArmGroup group, ArmSetting setting)
{
    private string Title => stream.Run == 0 ? $"tuning {stream.Name} · {group.Arm.Name} at {setting}" : $"{stream.Name} run {stream.Run} · {group.Arm.Name}";

    /// <summary>Runs to the end.</summary>
    /// <param name="keep">Called with every stage as it is done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>A record for the arm and for each shadow.</returns>
    public IReadOnlyList<ArmRunRecord> Execute(Action<StageRecord> keep, CancellationToken cancellation)
    {
        var scratch = Path.Combine(place.Scratch, $"{stream.Name}-{stream.Run}-{group.Arm.Name}-{setting.Rate:0.0e-0}-{setting.Mode}");
        Clear(scratch);
        Directory.CreateDirectory(scratch);
        try
        {
            using var backbone = ModelFolder.Load(place.ModelFolder);
            var context = new ArmContext
            {
                ModelFolder = place.ModelFolder,
                Backbone = backbone,
                Tokenizer = TextTokenizer.Load(place.ModelFolder),
                Scratch = scratch,
                Seed = (plan.Seed * 1000) + (ulong)stream.Run,
                Rate = setting.Rate,
                Mode = setting.Mode,
                Settings = plan.Settings,
                Identity = $"{stream.Name}/{stream.Run}/{group.Arm.Name}/{setting.Rate:R}/{setting.Mode}",
            };
            using var arm = group.Arm.Create(context);
            return Lead(arm, new SkillScorer(context.Tokenizer, place.Memo, place.Time), keep, cancellation);
        }
        finally
        {
            Clear(scratch);
        }
    }

    private List<ArmRunRecord> Lead(IContinualArm arm, SkillScorer scorer, Action<StageRecord> keep, CancellationToken cancellation)
    {
        var answering = group.Shadows.Select(shadow => new Participant(shadow, shadow.Shadow!(arm))).Prepend(new Participant(group.Arm, arm)).ToList();
        try
        {
            Score(answering, 0, null, new Learnt(0), 0, scorer, keep, cancellation);
            foreach (var visit in stream.Visits)
            {
                place.Progress.Say($"{Title} · visit {visit.Stage}/{stream.Visits.Count} {visit.Name}");
                var started = place.Time.GetTimestamp();
                var learnt = arm.Learn(visit, cancellation);
                var seconds = place.Time.GetElapsedTime(started).TotalSeconds;
                if (group.Arm.LearnsAtEnd && visit.Stage == stream.Visits.Count)
                {
                    var last = arm.Finish(cancellation);
                    (learnt, seconds) = (last, place.Time.GetElapsedTime(started).TotalSeconds);
                }

                if (!group.Arm.LearnsAtEnd || visit.Stage == stream.Visits.Count)
                {
                    Score(answering, visit.Stage, visit, learnt, seconds, scorer, keep, cancellation);
                }

                place.Progress.Did(visit.TokenBudget);
            }

            var novelty = arm is INoveltyProbe probe && stream.NoveltyBatches.Count > 0
                ? stream.NoveltyBatches.Select(batch => Judge(probe, batch, cancellation)).ToList()
                : null;
            return [.. answering.Select(participant => Record(participant, participant.Arm == arm ? novelty : null))];
        }
        finally
        {
            foreach (var shadow in answering.Skip(1))
            {
                shadow.Arm.Dispose();
            }
        }
    }

    private void Score(
        List<Participant> answering, int stage, SkillVisit? visit, Learnt learnt, double seconds, SkillScorer scorer, Action<StageRecord> keep, CancellationToken cancellation)
    {
        foreach (var participant in answering)
        {
            var arm = participant.Arm;
            var isEnd = stage == 0 || stage == stream.Visits.Count;
            var record = new StageRecord
            {
                Stream = stream.Name,
                Run = stream.Run,
                Arm = participant.Definition.Name,
                Stage = stage,
                Visit = visit?.Name,
                Skill = visit?.TrueSkill,
                Kind = visit?.Kind,
                Rate = setting.Rate,
                Tokens = learnt.Tokens,
                LearnSeconds = seconds,
                AddedParameters = arm.AddedParameters,
                Experts = arm.Experts,
                Scores = stream.Tests.ToDictionary(
                    test => test.Skill, test => scorer.Score(arm.AnswererFor(test.Skill, test.Tokens), test, isEnd, cancellation), StringComparer.Ordinal),
                Routing = arm is IRoutingArm routing && stage > 0 ? Routing(routing, stage) : null,
                Note = learnt.Note,
            };
            participant.Stages.Add(record);
            keep(record);
        }
    }

    private Dictionary<string, double> Routing(IRoutingArm arm, int stage)
    {
        var owners = arm.CreatedAt.Select(created => stream.Visits[created - 1].TrueSkill).ToArray();
        return stream.Tests
            .Where((_, task) => stream.IntroducedAt[task] <= stage)
            .ToDictionary(
                test => test.Skill,
                test => arm.Route(test.Routed).Average(expert => expert >= 0 && owners[expert] == test.Skill ? 1.0 : 0.0),
                StringComparer.Ordinal);
    }

    private static NoveltyRecord Judge(INoveltyProbe probe, NoveltyBatch batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var verdict = probe.Judge(batch.Samples, batch.Tokens);
        return new NoveltyRecord(batch.Kind, batch.Source, verdict.Score, verdict.IsNovel);
    }

    private ArmRunRecord Record(Participant participant, IReadOnlyList<NoveltyRecord>? novelty) => new()
    {
        Stream = stream.Name,
        Run = stream.Run,
        Arm = participant.Definition.Name,
        Skills = [.. stream.Tests.Select(test => test.Skill)],
        IntroducedAt = stream.IntroducedAt,
        IsExactMatch = stream.IsExactMatch,
        Stages = participant.Stages,
        RoutedPrompts = participant.Arm is IRoutingArm ? stream.Tests.Min(test => test.Routed.Count) : null,
        Novelty = novelty,
    };

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Participant(ArmDefinition Definition, IContinualArm Arm)
    {
        public List<StageRecord> Stages { get; } = [];
    }
}
