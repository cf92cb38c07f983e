using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Makes an expert, or teaches one more with replay of what it knows; measures it on all its skills, and publishes it.</summary>
internal sealed class TrainJob : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Train ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Train and has no part train.");
        if (input.Learn.Count == 0)
        {
            throw new InvalidInputException(Reasons.InvalidInput, $"The request names no skill that expert '{input.Expert}' is to learn.");
        }

        return Trainings.Do(context, () => Train(context, input));
    }

    private static JobResult Train(JobContext context, TrainInput input)
    {
        // A skill that is learnt now may be among those that the expert knew by older data.
        var keep = input.Keep.Where(kept => input.Learn.All(learnt => learnt.Name != kept.Name)).ToList();
        using var session = context.Open([], new Dictionary<string, ExpertCardOf>(), null);
        var old = input.From is { } from ? ExpertCard.Open(context.Store, from.Digest) : null;
        var learn = input.Learn.Select(skill => session.Data([skill.Dataset])).ToList();
        var known = keep.ConvertAll(skill => (skill.Name, Data: session.Data([skill.Dataset])));
        var settings = context.Settings(input.Recipe, TrainingFiles.Folder);
        var outcome = old is null ? Create(session, input.StartFrom, learn, settings, context) : Extend(session, input.From!.Digest, learn, known, settings, context);
        using var adapter = outcome.Adapter;

        context.Say("measuring the expert on its skills");
        List<SkillInput> skills = [.. input.Learn, .. keep];
        var evidence = session.Evidence(adapter, skills.Select(skill => (skill.Name, session.Data([skill.Dataset]))), context.Stop);
        var samples = learn.Concat(known.Select(skill => skill.Data)).Sum(data => data.TrainTokens.Count);
        var tokens = outcome.ProbeTokens + outcome.Reports.Sum(report => report.Tokens);
        var card = new ExpertCard
        {
            Name = input.Expert,
            Version = input.Version ?? (input.From?.Version ?? 0) + 1,
            Backbone = context.Backbone.Digest,
            Mode = adapter.Config.Mode,
            Rank = adapter.Config.Rank,
            ShapeReason = old?.ShapeReason ?? outcome.Reason,
            StartedFrom = old is null ? outcome.StartedFrom : old.StartedFrom,
            Curve = SkillTraining.Curve(outcome.Reports),
            SamplesSeen = MaturityEvidence.SamplesAfter(old?.SamplesSeen ?? 0, outcome.Shown, SkillData.Different(learn.Concat(known.Select(skill => skill.Data)))),
            Tokens = (old?.Tokens ?? 0) + tokens,
            Skills = new SortedDictionary<string, CardSkill>(
                skills.ToDictionary(skill => skill.Name, skill => new CardSkill(skill.Dataset, skill.HeldOutPercent, evidence[skill.Name])), StringComparer.Ordinal),
        };
        var digest = ExpertPublication.Publish(context, adapter, card);
        var seconds = outcome.Reports.Sum(report => report.TrainingSeconds);
        var result = ExpertPublication.Result(JobKind.Train, digest, card, adapter);
        return result with
        {
            Message = result.Message + ExpertPublication.EndOf(outcome.Reports),
            Train = ExpertPublication.Figures(digest, card, adapter) with
            {
                HeldOut = evidence.Values.Sum(skill => skill.Tokens.Count),
                Samples = samples,
                Tokens = tokens,
                GpuSeconds = adapter.Device.type == TorchSharp.DeviceType.CUDA ? (long)Math.Ceiling(seconds) : 0,
            },
        };
    }

    private static Outcome Create(WorkspaceSession session, ExpertInput? relative, List<SkillData> learn, RunSettings settings, JobContext context)
    {
        var manager = new ExpertManager(session.Model, session.Policy.Experts);
        List<TokenizedSample> train = [.. learn.SelectMany(data => data.TrainTokens)];
        List<TokenizedSample> heldOut = [.. learn.SelectMany(data => data.ChosenBy)];
        var probed = manager.Probe(train, heldOut, settings, context.Stop);
        context.Say(probed.ModeReason);
        var (spent, start) = (probed.Tokens, (string?)null);
        if (relative is not null && Relative(session, relative, train, context) is { } other)
        {
            using var _ = other;
            var warm = manager.ProbeFrom(other, train, heldOut, settings, context.Stop);
            spent += warm.Tokens;
            if (manager.StartsBetter(probed, warm))
            {
                (probed, start) = (probed.From(warm), relative.Name);
                context.Say($"a new expert, which starts from the weights of '{start}'");
            }
            else
            {
                warm.Dispose();
            }
        }

        var result = manager.Train(probed, train, heldOut, spent, settings, context.Stop);
        context.Say(result.RankReason);

        // The probe that was chosen is among the reports; the tokens of the others count too.
        return new Outcome(result.Adapter, result.Reports, $"{probed.ModeReason}; {result.RankReason}", spent - probed.Report.Tokens, result.Shown(train.Count)) { StartedFrom = start };
    }

    // It may have changed since, and the version that was looked at be gone.
    private static LoraAdapter? Relative(WorkspaceSession session, ExpertInput expert, List<TokenizedSample> train, JobContext context)
    {
        if (!context.Store.Renew(ArtifactKind.Expert, expert.Digest))
        {
            context.Say($"expert '{expert.Name}' is not in the store as {expert.Digest} any more: the new one starts from nothing");
            return null;
        }

        var folder = context.Store.Open(ArtifactKind.Expert, expert.Digest);
        if (!new Invocation(PeftConfigFile.Read(folder)).IsInAny(train))
        {
            context.Say($"none of the prompts has the invocation tokens of expert '{expert.Name}': the new one starts from nothing");
            return null;
        }

        return PeftFolder.Load(folder, session.Model);
    }

    private static Outcome Extend(WorkspaceSession session, string from, List<SkillData> learn, List<(string Name, SkillData Data)> known, RunSettings settings, JobContext context)
    {
        using var old = PeftFolder.Load(context.Store.Open(ArtifactKind.Expert, from), session.Model);
        List<TokenizedSample> train = [.. learn.SelectMany(data => data.TrainTokens)];

        // Replay alone would make a version that is said to have learnt what it has not.
        new Invocation(old.Config).Require(train);
        var policy = session.Policy.Experts;
        var result = new ExpertManager(session.Model, policy).Extend(
            old,
            train,
            [.. known.Select(skill => policy.ReplayOf(skill.Name, skill.Data.TrainTokens))],
            [.. learn.SelectMany(data => data.ChosenBy), .. known.SelectMany(skill => skill.Data.ChosenBy)],
            session.Canaries(known),
            spent: 0,
            budgetPercent: 100,
            settings,
            context.Stop);
        return new Outcome(result.Adapter, result.Reports, result.RankReason, 0, result.Shown(train.Count));
    }

    private sealed record Outcome(LoraAdapter Adapter, IReadOnlyList<TrainingReport> Reports, string Reason, long ProbeTokens, long Shown)
    {
        public string? StartedFrom { get; init; }
    }
}
