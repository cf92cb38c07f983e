using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Has an expert go over what it knows again, and publishes what came of it if that is better; the expert as it is stays untouched.</summary>
internal sealed class ConsolidateJob : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Consolidate ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Consolidate and has no part consolidate.");
        return input.Skills.Count > 0
            ? Trainings.Do(context, () => Consolidate(context, input))
            : throw new InvalidInputException(Reasons.InvalidInput, $"The request names no skill that expert '{input.From.Name}' has learnt.");
    }

    private static JobResult Consolidate(JobContext context, ConsolidateInput input)
    {
        using var session = context.Open([], new Dictionary<string, ExpertCardOf>(), context.Request.ActiveSet);
        var card = ExpertCard.Open(context.Store, input.From.Digest);
        using var old = PeftFolder.Load(context.Store.Open(ArtifactKind.Expert, input.From.Digest), session.Model);
        var skills = input.Skills.Select(skill => (Skill: skill, Data: session.Data([skill.Dataset]))).ToList();
        var named = skills.Select(pair => (pair.Skill.Name, pair.Data)).ToList();
        var before = session.Evidence(old, named, context.Stop);

        var episodes = JobEpisodes.MemoryOf(context);
        var dreams = JobDreams.Of(context, session, old, [.. skills.Select(pair => new NightSkill(pair.Skill.Name, pair.Data, pair.Skill.Since))], episodes);
        var dreamt = dreams.Tokens(session);
        var samples = skills.Sum(pair => pair.Data.TrainTokens.Count);
        var trained = new ExpertManager(session.Model, session.Policy.Experts).Consolidate(
            old,
            [.. skills.Select(pair => pair.Data.TrainTokens)],
            dreamt,
            input.Dreams?.SharePercent ?? 1,
            [.. skills.SelectMany(pair => pair.Data.ChosenBy)],
            input.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            context.Settings(input.Recipe, TrainingFiles.Folder),
            context.Stop);
        using var adapter = trained.Adapter;
        context.Say("measuring the expert on its skills");
        var after = session.Evidence(adapter, named, context.Stop);
        var spent = trained.Reports.Sum(report => report.TrainingSeconds);
        var figures = new ConsolidateResult
        {
            LossBefore = Mean(before),
            LossAfter = Mean(after),
            Dreamt = dreams.Tried,
            Dreams = dreamt.Count,
            GpuSeconds = OnGpu(adapter, spent),
        };
        var night = new Night(adapter, after, figures, samples + dreamt.Count, trained.Reports, []);
        var isBetter = figures.LossBefore - figures.LossAfter >= Math.Max(input.LeastImprovement, double.Epsilon);
        isBetter = isBetter && AreThere(context, dreams, episodes);
        if (episodes is null)
        {
            return isBetter ? Published(context, input, card, night) : Unchanged(input, figures, trained.Reports);
        }

        var start = isBetter ? night : night with { Expert = old, Evidence = before, Figures = figures with { LossAfter = figures.LossBefore }, Reports = [] };
        var known = WithEpisodes(context, session, episodes, named, old, start, spent, out var learnt);
        using var expert = learnt?.Expert;

        // The night has gone on since.
        if (isBetter && !AreThere(context, dreams, episodes))
        {
            return Unchanged(input, figures, trained.Reports);
        }

        return isBetter || known.Recalled.Count > 0
            ? Published(context, input, card, known)
            : Unchanged(input, figures with { Episodes = known.Figures.Episodes, Recalled = known.Figures.Recalled }, trained.Reports);
    }

    // Whoever deletes an episode means it: what was made of it goes too.
    private static bool AreThere(JobContext context, JobDreams dreams, SharedEpisodes? episodes)
    {
        var areThere = dreams.Episodes.All(id => episodes?.Find(id) is not null);
        if (!areThere)
        {
            context.Say("episodes that were dreamt of are gone: what was learnt tonight is thrown away");
        }

        return areThere;
    }

    // The night as it was, unless the expert recalls episodes that it did not before, loses no more of what it knew than a set may, and drifted no further
    // than the budget says.
    private static Night WithEpisodes(
        JobContext context,
        WorkspaceSession session,
        SharedEpisodes episodes,
        List<(string Name, SkillData Data)> skills,
        LoraAdapter old,
        Night night,
        double spent,
        out LearntMemory? learnt)
    {
        var input = context.Request.Consolidate!;
        using var enough = new CancellationTokenSource();
        if (input.Seconds is { } seconds)
        {
            // As long again as the night had, which may have used all of it.
            enough.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        var started = Stopwatch.GetTimestamp();
        learnt = new JobEpisodes(context, session, episodes).Learn(night.Expert, [.. skills.SelectMany(skill => skill.Data.TrainTokens)], old, input.Tokens, enough.Token);
        if (learnt is null)
        {
            return night;
        }

        var report = learnt.Report;
        var figures = night.Figures with { Episodes = report.Episodes.Count, GpuSeconds = OnGpu(learnt.Expert, spent + Stopwatch.GetElapsedTime(started).TotalSeconds) };
        if (!TeachesMore(report, LearntEpisodes.Read(context.Store.Open(ArtifactKind.Expert, input.From.Digest))))
        {
            context.Say("no episode is known by heart that was not before");
            return night with { Figures = figures with { Recalled = report.Episodes.Count(episode => episode.WasRecalled) } };
        }

        var evidence = session.Evidence(learnt.Expert, skills, context.Stop);
        var allowed = session.Policy.Regression.Nats;
        var heldOut = Mean(evidence);

        // Without held-out data, what was replayed must tell.
        var (loss, most, where) = heldOut is null ? (report.ReplayAfter, report.ReplayBefore + allowed, "what it was taught") : (heldOut, night.Figures.LossBefore + allowed, "its held-out data");
        if (loss > most)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture, $"the episodes are left out: with them the expert would have {loss:0.0000} nats per token on {where}, at most {most:0.0000} are allowed"));
            return night with { Figures = figures };
        }

        if (report.Drift > input.Recipe.DriftBudget)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture, $"the episodes are left out: with them the expert drifts by {report.Drift:0.0000} nats per token, at most {input.Recipe.DriftBudget} are allowed"));
            return night with { Figures = figures };
        }

        return night with
        {
            Expert = learnt.Expert,
            Evidence = evidence,
            Figures = figures with { LossAfter = heldOut, Recalled = report.Evict.Count },
            EpisodeTokens = report.Tokens,
            Recalled = report.Evict,
        };
    }

    // What an expert knows already, and is known to, is no reason for another version: the router may leave it in the memory for ever.
    private static bool TeachesMore(MemoryConsolidationReport report, IReadOnlyList<string> named) =>
        report.Episodes.Any(episode => episode.IsRecalled && !(episode.WasRecalled && named.Contains(episode.Id)));

    private static JobResult Published(JobContext context, ConsolidateInput input, ExpertCard old, Night night)
    {
        var (trained, figures, evidence) = (night.Reports, night.Figures, night.Evidence);
        var tokens = trained.Sum(report => report.Tokens) + night.EpisodeTokens;
        var card = old with
        {
            Name = input.From.Name,
            Version = input.From.Version + 1,
            Curve = trained.Count > 0 ? SkillTraining.Curve(trained) : old.Curve,
            SamplesSeen = Math.Max(old.SamplesSeen, Math.Min(night.Samples, trained.Sum(report => report.Samples))),
            Tokens = old.Tokens + tokens,
            Skills = new(input.Skills.ToDictionary(skill => skill.Name, skill => new CardSkill(skill.Dataset, skill.HeldOutPercent, evidence[skill.Name])), StringComparer.Ordinal),
        };
        var episodes = LearntEpisodes.Read(context.Store.Open(ArtifactKind.Expert, input.From.Digest)).Concat(night.Recalled);
        var digest = ExpertPublication.Publish(context, night.Expert, card, episodes);
        return new JobResult
        {
            Kind = JobKind.Consolidate,
            Outcome = JobOutcome.Succeeded,
            Reason = Reasons.ConsolidationComplete,
            Message = string.Create(CultureInfo.InvariantCulture, $"Expert '{card.Name}' has {figures.LossAfter:0.0000} nats per token on its held-out data, {figures.LossBefore:0.0000} before{(night.Recalled.Count > 0 ? $", and knows {night.Recalled.Count} episodes by heart" : "")}.") + ExpertPublication.EndOf(trained),
            Consolidate = figures,
            Train = ExpertPublication.Figures(digest, card, night.Expert) with
            {
                HeldOut = evidence.Values.Sum(skill => skill.Tokens.Count),
                Samples = night.Samples,
                Tokens = tokens,
                GpuSeconds = figures.GpuSeconds,
            },
        };
    }

    private static JobResult Unchanged(ConsolidateInput input, ConsolidateResult figures, IReadOnlyList<TrainingReport> trained) => new()
    {
        Kind = JobKind.Consolidate,
        Outcome = JobOutcome.Succeeded,
        Reason = Reasons.NothingImproved,
        Message = (figures.LossBefore is null
            ? $"Expert '{input.From.Name}' stays as it is: without held-out data nothing shows whether it became better."
            : string.Create(CultureInfo.InvariantCulture, $"Expert '{input.From.Name}' stays as it is: {figures.LossBefore:0.0000} nats per token on its held-out data would be {figures.LossAfter:0.0000}, and {input.LeastImprovement} less are asked for.")) + ExpertPublication.EndOf(trained),
        Consolidate = figures with { LossAfter = figures.LossBefore },
    };

    private static long OnGpu(LoraAdapter expert, double seconds) => expert.Device.type == TorchSharp.DeviceType.CUDA ? (long)Math.Ceiling(seconds) : 0;

    private static double? Mean(SortedDictionary<string, ExpertEvidence> evidence)
    {
        var tokens = evidence.Values.Sum(skill => skill.Tokens.Sum());
        return tokens == 0 ? null : evidence.Values.Sum(skill => skill.Expert.Sum()) / tokens;
    }

    /// <summary>What a night came to.</summary>
    /// <param name="Expert">The expert after it.</param>
    /// <param name="Evidence">What it gains on its skills.</param>
    /// <param name="Figures">Figures so far.</param>
    /// <param name="Samples">Different samples that it learnt from.</param>
    /// <param name="Reports">Its runs.</param>
    /// <param name="Recalled">Names of the episodes that it knows.</param>
    private sealed record Night(
        LoraAdapter Expert, SortedDictionary<string, ExpertEvidence> Evidence, ConsolidateResult Figures, int Samples, IReadOnlyList<TrainingReport> Reports, IReadOnlyList<string> Recalled)
    {
        /// <summary>Tokens that it read to learn episodes.</summary>
        public long EpisodeTokens { get; init; }
    }
}
