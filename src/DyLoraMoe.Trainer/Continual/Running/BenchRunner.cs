using System.Collections.Concurrent;
using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>Tunes and runs all arms on one stream; what is on disk already is not done again.</summary>
/// <param name="place">What all work shares.</param>
/// <param name="plan">What decides the figures.</param>
/// <param name="results">Where results are kept.</param>
/// <param name="streamOf">The stream of a run, without revisits and novelty batches for tuning.</param>
internal sealed class BenchRunner(Workplace place, BenchPlan plan, ResultFolder results, Func<int, SkillStream> streamOf)
{
    // Exact answers saturate: rates that answer alike are told apart by their loss.
    private const double LossWeight = 1e-3;

    /// <summary>Does what is missing.</summary>
    /// <param name="groups">The arms.</param>
    /// <param name="runs">How many paired runs.</param>
    /// <param name="workers">How many pieces of work at once.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public void Run(IReadOnlyList<ArmGroup> groups, int runs, int workers, CancellationToken cancellation)
    {
        var settings = Tune(groups, workers, cancellation);
        var work = Enumerable.Range(1, runs)
            .SelectMany(run => groups.Where(arms => IsOpen(arms, run)).Select(arms => (Run: run, Group: arms)))
            .ToList();
        if (work.Count == 0)
        {
            return;
        }

        var streams = work.Select(piece => piece.Run).Distinct().ToDictionary(run => run, run => new Lazy<SkillStream>(() => streamOf(run)));
        var tokens = streams[work[0].Run].Value.Visits.Sum(visit => visit.TokenBudget);
        place.Progress.Begin(tokens * work.Count, string.Create(CultureInfo.InvariantCulture, $"{plan.Stream}: {work.Count} runs of arms to do, {tokens:N0} tokens each"));
        WorkQueue.Run(
            [.. work.Select(piece => (Action<CancellationToken>)(stop =>
            {
                var run = new ArmRun(place, plan, streams[piece.Run].Value, piece.Group, settings[piece.Group.Arm.Name]);
                foreach (var record in run.Execute(results.Write, stop))
                {
                    results.Write(record);
                }
            }))],
            workers,
            cancellation);
    }

    // The arm again when only a shadow is missing: what a shadow answers with exists nowhere but in its arm.
    private bool IsOpen(ArmGroup group, int run) =>
        results.Read(run, group.Arm.Name) is null || group.Shadows.Any(shadow => results.Read(run, shadow.Name) is null);

    // What was tried before is not tried again.
    private Dictionary<string, ArmSetting> Tune(IReadOnlyList<ArmGroup> groups, int workers, CancellationToken cancellation)
    {
        var tuned = plan.TuningSkills == 0 ? [] : groups.Select(group => group.Arm).Where(arm => arm.Settings.Count() > 1).ToList();
        var tried = tuned.ToDictionary(arm => arm.Name, arm => new ConcurrentDictionary<ArmSetting, TriedRate>((results.ReadTuning(arm.Name)?.Tried ?? []).ToDictionary(each => each.Setting())), StringComparer.Ordinal);
        var pieces = tuned.SelectMany(arm => arm.Settings.Where(setting => !tried[arm.Name].ContainsKey(setting)).Select(setting => (Arm: arm, Setting: setting))).ToList();
        if (pieces.Count > 0)
        {
            var stream = TuningStream(streamOf(0), plan.TuningSkills);
            place.Progress.Begin(stream.Visits.Sum(visit => visit.TokenBudget) * pieces.Count, $"{plan.Stream}: {pieces.Count} rates to try on {plan.TuningSkills} skills");
            WorkQueue.Run(
                [.. pieces.Select(piece => (Action<CancellationToken>)(stop =>
                {
                    var of = tried[piece.Arm.Name];
                    of[piece.Setting] = Try(piece.Arm, piece.Setting, stream, stop);
                    if (piece.Arm.Settings.All(of.ContainsKey))
                    {
                        Decide(piece.Arm, of);
                    }
                }))],
                workers,
                cancellation);
        }

        return groups.Select(group => group.Arm).ToDictionary(arm => arm.Name, arm => tried.ContainsKey(arm.Name) ? results.ReadTuning(arm.Name)!.Best() : arm.Untuned, StringComparer.Ordinal);
    }

    private void Decide(ArmDefinition arm, ConcurrentDictionary<ArmSetting, TriedRate> tried)
    {
        var all = arm.Settings.Select(setting => tried[setting]).ToList();
        var best = all.Where(each => each.Score is not null).MaxBy(each => each.Score)
            ?? throw new InvalidDataException($"The arm '{arm.Name}' diverged at every rate that was tried ({string.Join(", ", arm.Settings)}); give it lower ones.");
        results.Write(new TuningRecord(arm.Name, best.Rate, all, best.Mode));
        place.Progress.Note($"{plan.Stream}: {arm.Name} learns at {best.Setting()}");
    }

    private TriedRate Try(ArmDefinition arm, ArmSetting setting, SkillStream stream, CancellationToken cancellation)
    {
        AdapterMode? mode = arm.Modes.Count > 1 ? setting.Mode : null;
        try
        {
            var record = new ArmRun(place, plan, stream, new ArmGroup(arm, []), setting).Execute(_ => { }, cancellation)[0];
            var scores = record.Stages[^1].Scores.Values.ToList();
            return new TriedRate(setting.Rate, scores.Average(score => stream.IsExactMatch ? score.Exact!.Value - (LossWeight * score.Nats) : -score.Nats), mode);
        }
        catch (TrainingDivergedException)
        {
            return new TriedRate(setting.Rate, null, mode);
        }
    }

    /// <summary>
    /// What rates are tuned on: some of the new skills of a run of its own, judged by one half of what it holds out, while arms get the other. No test of
    /// any run is looked at, and no arm has learnt from what it is judged by.
    /// </summary>
    /// <param name="all">The run.</param>
    /// <param name="skills">How many skills.</param>
    internal static SkillStream TuningStream(SkillStream all, int skills)
    {
        var visits = all.Visits.Where(visit => visit.Kind == VisitKind.New).Take(skills).ToList();
        return all with
        {
            Visits = [.. visits.Select((visit, index) => visit with
            {
                Stage = index + 1,
                HeldOut = [.. visit.HeldOut.Take(visit.HeldOut.Count / 2)],
                HeldOutTokens = [.. visit.HeldOutTokens.Take(visit.HeldOut.Count / 2)],
            })],
            Tests = [.. visits.Select(visit =>
            {
                IReadOnlyList<TokenizedSample> tokens = [.. visit.HeldOutTokens.Skip(visit.HeldOut.Count / 2)];
                return all.Tests.First(test => test.Skill == visit.TrueSkill) with
                {
                    Samples = [.. visit.HeldOut.Skip(visit.HeldOut.Count / 2)],
                    Tokens = tokens,
                    Routed = tokens,
                    Digest = $"tuning {visit.TrueSkill}",
                };
            })],
            NoveltyBatches = [],
        };
    }
}
