using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>How a growth gets on, in sentences: by what the backbone grew, what each gate measured, which experts came along, and how to go back.</summary>
internal static class GrowthStory
{
    /// <summary>The lines.</summary>
    /// <param name="growth">The growth.</param>
    /// <param name="world">What else there is.</param>
    /// <param name="warnings">The end: what was recorded.</param>
    public static IEnumerable<string> Of(Growth growth, World world, IEnumerable<string> warnings)
    {
        var (name, status) = (growth.Metadata.Name, growth.Status);
        return
        [
            .. Outline.Head($"Growth {name} of Backbone {growth.Spec.BackboneRef.Name}", status.Conditions, "growth", name, growth.Spec.BackboneRef.Name),
            .. status.Job is { } job ? [$"Job {job} works for it."] : Array.Empty<string>(),
            .. Plan(growth),
            .. Gates(growth),
            .. Experts(status),
            .. Verdict(status),
            .. Adoption(growth, world),
            .. warnings,
        ];
    }

    private static IEnumerable<string> Plan(Growth growth)
    {
        var status = growth.Status;
        if (status.Pressures is { Count: > 0 } pressures)
        {
            yield return $"What each axis promised at first, for the number of its weights: {string.Join(", ", pressures)}; at most {growth.Spec.Automatic?.BudgetPercent} % may be added.";
        }

        if (status is { ParametersBefore: { } before, ParametersAfter: { } after })
        {
            yield return $"From {Figures.Whole(before)} to {Figures.Whole(after)} weights{(status.Grown is { } grown ? $" ({grown})" : "")}:";
        }

        foreach (var step in status.Steps ?? [])
        {
            yield return $"  {Outline.Sentence(step)}";
        }
    }

    private static IEnumerable<string> Gates(Growth growth)
    {
        var (status, gates) = (growth.Status, growth.Spec.Gates);
        if (status.FunctionError is { } error)
        {
            yield return $"At the moment of growth logits differed by {error} of the largest one; {gates.FunctionError} is allowed.";
        }

        if (status.Divergence is { } divergence)
        {
            yield return $"On held-out text {(status.Judge == "Skills" ? "of the Skills" : "that the smaller backbone made up")} it differs from that by {divergence} nats per token"
                + $"{(status.Tokens > 0 ? $", before it relearned on {Figures.Whole(status.Tokens.Value)} tokens by {status.DivergenceBefore}" : "")}; {gates.Divergence} is allowed.";
        }
    }

    private static IEnumerable<string> Experts(GrowthStatus status)
    {
        if (status.Experts is not { Count: > 0 } experts)
        {
            yield break;
        }

        yield return $"{status.Migrated} experts are carried over.";
        foreach (var expert in experts)
        {
            string?[] parts =
            [
                expert.Artifact?.Version is { } version ? $"v{version}" : null,
                expert.Rank is { } rank ? $"rank {rank}" : null,
                expert.Evaluation is { ExpertLoss: { } loss, BackboneLoss: { } bare } ? $"{loss} nats per token, the bare larger backbone {bare}" : null,
                expert.Message is { } message ? Outline.Sentence(message) : null,
            ];
            yield return $"  {expert.Name,-16} {(expert.Artifact is not null ? "carried over" : expert.Message is null ? "waits" : "failed"),-13} {string.Join(", ", parts.OfType<string>())}".TrimEnd();
        }
    }

    private static IEnumerable<string> Verdict(GrowthStatus status)
    {
        if (status.Conditions.Find(ConditionTypes.Validated) is { Reason: not Reasons.Pending and not Reasons.MigratingExperts } verdict)
        {
            yield return $"Whether no skill gets worse on it: {(verdict.Status == ConditionStatus.True ? "yes" : verdict.Status == ConditionStatus.False ? "no" : "not known yet")} ({verdict.Reason}): {Outline.Sentence(verdict.Message)}";
        }
    }

    private static IEnumerable<string> Adoption(Growth growth, World world)
    {
        var (status, backbone) = (growth.Status, growth.Spec.BackboneRef.Name);
        if (status.AdoptionTime is not { } time)
        {
            yield break;
        }

        yield return $"It was first served at {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC.";
        yield return status.Conditions.Find(ConditionTypes.Adopted) is { Reason: Reasons.RolledBack }
            ? $"It was rolled back. To grow again: kubectl dylora rollback {backbone} --follow, then change the Growth or make it anew."
            : world.Sets is null ? $"To go back, name a set on the smaller backbone: kubectl dylora rollback {backbone} --list shows those that are kept."
            : world.SetsOf(backbone).FirstOrDefault(set => set.Set.Backbone.Digest == status.From && set.GivenUp is null) is { } before
                ? $"To go back to the smaller backbone and its experts: kubectl dylora rollback {backbone} --to {Figures.Short(before.Revision)}"
                : "There is no way back: no set on the smaller backbone is kept.";
    }
}
