using System.Globalization;
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
        var rates = Tune(groups, workers, cancellation);
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
                var run = new ArmRun(place, plan, streams[piece.Run].Value, piece.Group, rates[piece.Group.Arm.Name]);
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

    private Dictionary<string, double> Tune(IReadOnlyList<ArmGroup> groups, int workers, CancellationToken cancellation)
    {
        var rates = groups.ToDictionary(
            group => group.Arm.Name,
            group => plan.TuningSkills == 0 || group.Arm.Rates.Count == 1
                ? group.Arm.Rates[group.Arm.Rates.Count / 2]
                : results.ReadTuning(group.Arm.Name)?.Rate,
            StringComparer.Ordinal);
        var open = groups.Where(group => rates[group.Arm.Name] is null).Select(group => group.Arm).ToList();
        if (open.Count > 0)
        {
            var stream = TuningStream();
            var tried = open.ToDictionary(arm => arm.Name, arm => new TriedRate[arm.Rates.Count], StringComparer.Ordinal);
            var pieces = open.SelectMany(arm => arm.Rates.Select((rate, index) => (Arm: arm, Rate: rate, Index: index))).ToList();
            place.Progress.Begin(stream.Visits.Sum(visit => visit.TokenBudget) * pieces.Count, $"{plan.Stream}: {pieces.Count} rates to try on {plan.TuningSkills} skills");
            WorkQueue.Run(
                [.. pieces.Select(piece => (Action<CancellationToken>)(stop =>
                {
                    tried[piece.Arm.Name][piece.Index] = Try(piece.Arm, piece.Rate, stream, stop);
                    if (Array.TrueForAll(tried[piece.Arm.Name], each => each is not null))
                    {
                        Decide(piece.Arm.Name, tried[piece.Arm.Name]);
                    }
                }))],
                workers,
                cancellation);
        }

        return rates.ToDictionary(pair => pair.Key, pair => pair.Value ?? results.ReadTuning(pair.Key)!.Rate, StringComparer.Ordinal);
    }

    private void Decide(string arm, TriedRate[] tried)
    {
        var best = tried.Where(each => each.Score is not null).MaxBy(each => each.Score)
            ?? throw new InvalidDataException($"The arm '{arm}' diverged at every rate that was tried ({string.Join(", ", tried.Select(each => each.Rate))}); give it lower ones.");
        results.Write(new TuningRecord(arm, best.Rate, tried));
        place.Progress.Note(string.Create(CultureInfo.InvariantCulture, $"{plan.Stream}: {arm} learns at {best.Rate:0.0e-0}"));
    }

    private TriedRate Try(ArmDefinition arm, double rate, SkillStream stream, CancellationToken cancellation)
    {
        try
        {
            var record = new ArmRun(place, plan, stream, new ArmGroup(arm, []), rate).Execute(_ => { }, cancellation)[0];
            var scores = record.Stages[^1].Scores.Values.ToList();
            return new TriedRate(rate, scores.Average(score => stream.IsExactMatch ? score.Exact!.Value - (LossWeight * score.Nats) : -score.Nats));
        }
        catch (TrainingDivergedException)
        {
            return new TriedRate(rate, null);
        }
    }

    // Judged by held-out data of a run of its own; no test of any run is looked at.
    private SkillStream TuningStream()
    {
        var all = streamOf(0);
        var visits = all.Visits.Where(visit => visit.Kind == VisitKind.New).Take(plan.TuningSkills).Select((visit, index) => visit with { Stage = index + 1 }).ToList();
        return all with
        {
            Visits = visits,
            Tests = [.. visits.Select(visit => all.Tests.First(test => test.Skill == visit.TrueSkill) with
            {
                Samples = visit.HeldOut,
                Tokens = visit.HeldOutTokens,
                Digest = $"tuning {visit.TrueSkill}",
            })],
            NoveltyBatches = [],
        };
    }
}
