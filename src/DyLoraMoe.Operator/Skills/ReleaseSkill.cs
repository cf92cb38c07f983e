using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Lets a Skill go: its expert first, unless others need it, then what the deletion policy says about its dataset.</summary>
internal sealed class ReleaseSkill(ICluster cluster, JobRunner jobs) : IPhase<SkillScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        var skill = scope.Skill;
        await jobs.StopAsync(skill, JobKind.Assess, cancellationToken);
        if (cluster.Find<Backbone>(scope.Namespace, skill.Spec.BackboneRef.Name) is not { } backbone)
        {
            return Outcome.Finish(Reasons.Terminating, "Its Backbone is gone.");
        }

        var own = cluster.List<LoraExpert>(scope.Namespace).FirstOrDefault(expert => expert.Spec.BackboneRef.Name == backbone.Metadata.Name && IsOwn(skill, expert) && !IsNeeded(scope, expert));
        if (own is not null)
        {
            if (own.Metadata.DeletionTimestamp is null)
            {
                own = await AlignPolicyAsync(skill, own, cancellationToken);
                await cluster.DeleteAsync(own, cancellationToken);
            }

            return Pin.Of(cluster, backbone) is { } pin && pin.KeepsIn(own.Metadata.Name)
                ? Outcome.WaitFor(Reasons.RevisionPinned, $"The set that is served holds expert {own.Metadata.Name}: {pin.Message}", _patience)
                : Outcome.WaitFor(Reasons.Terminating, $"Expert {own.Metadata.Name} leaves the set first.", _patience);
        }

        if (skill.Status.Dataset?.Digest is { } dataset && !IsShared(scope, dataset))
        {
            await Ledger.NoteAsync(cluster, backbone, dataset, isKept: skill.Spec.DeletionPolicy == DeletionPolicies.Retain, cancellationToken);
        }

        return Outcome.Finish(Reasons.Terminating, "Nothing serves it any more.");
    }

    private async Task<LoraExpert> AlignPolicyAsync(Skill skill, LoraExpert own, CancellationToken cancellationToken) =>
        own.Spec.DeletionPolicy == skill.Spec.DeletionPolicy
            ? own
            : await cluster.MergeAsync(own, new() { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["deletionPolicy"] = skill.Spec.DeletionPolicy } }, cancellationToken);

    // Made for it, or for a Skill that went before: then the last one that has it as its expert sees to it.
    private bool IsOwn(Skill skill, LoraExpert expert) =>
        expert.Spec.SkillRef is { } origin
        && (origin.Name == skill.Metadata.Name
            || (skill.Status.ExpertRef?.Name == expert.Metadata.Name && cluster.Find<Skill>(skill.Metadata.NamespaceProperty, origin.Name) is not { Metadata.DeletionTimestamp: null }));

    // Other skills may have been taught to it, or be covered by it.
    private bool IsNeeded(SkillScope scope, LoraExpert own) =>
        Others(scope).Any(other => other.Status.ExpertRef?.Name == own.Metadata.Name);

    private bool IsShared(SkillScope scope, string dataset) => Others(scope).Any(other => other.Status.Dataset?.Digest == dataset);

    private IEnumerable<Skill> Others(SkillScope scope) =>
        cluster.List<Skill>(scope.Namespace).Where(other =>
            other.Metadata.Name != scope.Name && other.Metadata.DeletionTimestamp is null && other.Spec.BackboneRef.Name == scope.Skill.Spec.BackboneRef.Name);
}
