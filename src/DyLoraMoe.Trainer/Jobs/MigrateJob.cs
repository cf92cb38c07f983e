using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.Growth;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Carries an expert over to a backbone that has grown: at the moment of growth it computes there what it computed before. What it gains is measured again.</summary>
internal sealed class MigrateJob : IJob
{
    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Migrate ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Migrate and has no part migrate.");
        return Trainings.Do(context, () => Migrate(context, input));
    }

    private static JobResult Migrate(JobContext context, MigrateInput input)
    {
        var folder = context.Store.Open(ArtifactKind.Expert, input.From.Digest);
        var card = ExpertCard.Open(context.Store, input.From.Digest);
        var record = GrowthRecord.Read(context.Backbone.Path);
        Require(input, card, record);

        using var session = context.Open([], new Dictionary<string, ExpertCardOf>(), null);
        using var adapter = Carried(record, folder, session.Model.Device);
        context.Say("measuring the expert on its skills");

        // What it only covers, or is still to learn, says nothing about what it has learnt.
        var learnt = input.Skills.Where(card.Has).ToList();
        var evidence = session.Evidence(adapter, learnt.Select(skill => (skill.Name, session.Data([skill.Dataset]))), context.Stop);
        var grown = card with
        {
            Name = input.From.Name,
            Version = input.From.Version + 1,
            Backbone = context.Backbone.Digest,
            Rank = adapter.Config.Rank,
            Skills = new(learnt.ToDictionary(skill => skill.Name, skill => new CardSkill(skill.Dataset, skill.HeldOutPercent, evidence[skill.Name])), StringComparer.Ordinal),
        };
        var digest = ExpertPublication.Publish(context, adapter, grown, LearntEpisodes.Read(folder));
        return ExpertPublication.Result(JobKind.Migrate, digest, grown, adapter) with
        {
            Reason = "Migrated",
            Message = Message(card, grown),
            Train = ExpertPublication.Figures(digest, grown, adapter) with { HeldOut = evidence.Values.Sum(skill => skill.Tokens.Count) },
        };
    }

    private static void Require(MigrateInput input, ExpertCard card, GrowthRecord record)
    {
        if (record.From != input.Before.Digest)
        {
            throw new InvalidInputException(Reasons.BackboneMismatch, $"The grown backbone comes from {record.From}, and the expert is to come from {input.Before.Digest}.");
        }

        if (card.Backbone != record.From)
        {
            throw new InvalidInputException(Reasons.BackboneMismatch, $"Expert '{input.From.Name}' was made for backbone {card.Backbone}, the grown one comes from {record.From}. Carry its version for that one over.");
        }
    }

    // What it fits is a matter of shapes: the smaller weights are not needed.
    private static LoraAdapter Carried(GrowthRecord record, string folder, TorchSharp.torch.Device device)
    {
        var plan = record.ToPlan();
        using var before = new CausalLanguageModel(plan.Before, new ShapeWeights());
        using var old = PeftFolder.Load(folder, before, device);
        return GrownAdapter.Of(plan, old, record.File.Seed ?? 1);
    }

    private static string Message(ExpertCard before, ExpertCard after) => after.ExpertLoss is { } loss
        ? string.Create(CultureInfo.InvariantCulture, $"Expert '{after.Name}' has {loss:0.0000} nats per token on held-out data on the grown backbone, {before.ExpertLoss:0.0000} on the one before.")
        : $"Expert '{after.Name}' acts on the grown backbone; there are no held-out data to measure it on.";
}
