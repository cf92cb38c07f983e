using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
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
        using var session = context.Open([], new Dictionary<string, ExpertCardOf>(), null);
        var card = ExpertCard.Open(context.Store, input.From.Digest);
        using var old = PeftFolder.Load(context.Store.Open(ArtifactKind.Expert, input.From.Digest), session.Model);
        var skills = input.Skills.Select(skill => (Skill: skill, Data: session.Data([skill.Dataset]))).ToList();
        var named = skills.Select(pair => (pair.Skill.Name, pair.Data)).ToList();
        var before = session.Evidence(old, named, context.Stop);

        var dreams = JobDreams.Of(context, session, old, named);
        var dreamt = dreams.Tokens(session);
        var samples = skills.Sum(pair => pair.Data.TrainTokens.Count);
        var trained = new ExpertManager(session.Model, session.Policy.Experts).Consolidate(
            old,
            [.. skills.Select(pair => pair.Data.TrainTokens)],
            dreamt,
            dreams.Share(input.Dreams?.SharePercent ?? 1, samples),
            [.. skills.SelectMany(pair => pair.Data.ChosenBy)],
            input.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            context.Settings(input.Recipe, TrainingFiles.Folder),
            context.Stop);
        using var adapter = trained.Adapter;
        context.Say("measuring the expert on its skills");
        var after = session.Evidence(adapter, named, context.Stop);
        var figures = new ConsolidateResult
        {
            LossBefore = Mean(before),
            LossAfter = Mean(after),
            Dreamt = dreams.Tried,
            Dreams = dreamt.Count,
            GpuSeconds = adapter.Device.type == TorchSharp.DeviceType.CUDA ? (long)Math.Ceiling(trained.Reports.Sum(report => report.TrainingSeconds)) : 0,
        };
        return figures.LossBefore - figures.LossAfter >= Math.Max(input.LeastImprovement, double.Epsilon)
            ? Published(context, input, card, trained, after, figures, samples + dreamt.Count)
            : Unchanged(input, figures);
    }

    private static JobResult Published(
        JobContext context, ConsolidateInput input, ExpertCard old, TrainedExpert trained, SortedDictionary<string, ExpertEvidence> evidence, ConsolidateResult figures, int samples)
    {
        var tokens = trained.Reports.Sum(report => report.Tokens);
        var card = old with
        {
            Name = input.From.Name,
            Version = input.From.Version + 1,
            Curve = SkillTraining.Curve(trained.Reports),
            SamplesSeen = Math.Max(old.SamplesSeen, samples),
            Tokens = old.Tokens + tokens,
            Skills = new(input.Skills.ToDictionary(skill => skill.Name, skill => new CardSkill(skill.Dataset, skill.HeldOutPercent, evidence[skill.Name])), StringComparer.Ordinal),
        };
        var digest = ExpertPublication.Publish(context, trained.Adapter, card);
        return new JobResult
        {
            Kind = JobKind.Consolidate,
            Outcome = JobOutcome.Succeeded,
            Reason = Reasons.ConsolidationComplete,
            Message = string.Create(CultureInfo.InvariantCulture, $"Expert '{card.Name}' has {figures.LossAfter:0.0000} nats per token on its held-out data, {figures.LossBefore:0.0000} before."),
            Consolidate = figures,
            Train = ExpertPublication.Figures(digest, card, trained.Adapter) with
            {
                HeldOut = evidence.Values.Sum(skill => skill.Tokens.Count),
                Samples = samples,
                Tokens = tokens,
                GpuSeconds = figures.GpuSeconds,
            },
        };
    }

    private static JobResult Unchanged(ConsolidateInput input, ConsolidateResult figures) => new()
    {
        Kind = JobKind.Consolidate,
        Outcome = JobOutcome.Succeeded,
        Reason = Reasons.NothingImproved,
        Message = figures.LossBefore is null
            ? $"Expert '{input.From.Name}' stays as it is: without held-out data nothing shows whether it became better."
            : string.Create(CultureInfo.InvariantCulture, $"Expert '{input.From.Name}' stays as it is: {figures.LossBefore:0.0000} nats per token on its held-out data would be {figures.LossAfter:0.0000}, and {input.LeastImprovement} less are asked for."),
        Consolidate = figures with { LossAfter = figures.LossBefore },
    };

    private static double? Mean(SortedDictionary<string, ExpertEvidence> evidence)
    {
        var tokens = evidence.Values.Sum(skill => skill.Tokens.Sum());
        return tokens == 0 ? null : evidence.Values.Sum(skill => skill.Expert.Sum()) / tokens;
    }
}
