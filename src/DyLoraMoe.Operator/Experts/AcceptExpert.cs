using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Whether the spec holds and what it refers to is there.</summary>
internal sealed class AcceptExpert(ICluster cluster) : IPhase<ExpertScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        scope.Status.Stage ??= ExpertStages.Pending;
        var (verdict, mayMend) = Decide(scope);
        scope.Find(verdict);
        if (verdict.Status == ConditionStatus.True && scope.Backbone.Metadata.DeletionTimestamp is not null)
        {
            // Where dependents are deleted first, the routers have gone by now.
            var message = $"Backbone {scope.Backbone.Metadata.Name} is being deleted; it waits for its LoraExperts to be deleted too.";
            scope.Find(Finding.Unknown(ConditionTypes.Served, Reasons.BackboneNotReady, message));
            return Task.FromResult(Outcome.WaitFor(Reasons.BackboneNotReady, message, _patience));
        }

        return Task.FromResult(
            verdict.Status != ConditionStatus.True ? (mayMend ? Outcome.WaitFor(verdict.Reason, verdict.Message, _patience) : Outcome.Stop(verdict.Reason, verdict.Message))
            : scope.Backbone.Status.Digest is null ? Outcome.WaitFor(Reasons.BackboneNotReady, $"Backbone {scope.Backbone.Metadata.Name} is not prepared yet.", _patience)
            : SetStore.LossOf(scope.Backbone, scope.ActiveSet) is { } loss ? Outcome.WaitFor(Reasons.BackboneNotReady, loss, _patience)
            : Outcome.Continue);
    }

    private (Finding Verdict, bool MayMend) Decide(ExpertScope scope)
    {
        var spec = scope.Expert.Spec;
        if (LoraExpertRules.Check(scope.Expert) is { Count: > 0 } errors)
        {
            return (No(Reasons.InvalidSpec, string.Join(" ", errors)), false);
        }

        if (cluster.Find<Backbone>(scope.Namespace, spec.BackboneRef.Name) is not { } backbone)
        {
            return (No(Reasons.BackboneNotFound, $"There is no Backbone {spec.BackboneRef.Name} in this namespace."), true);
        }

        scope.Backbone = backbone;
        scope.ActiveSet = cluster.ActiveSet(backbone);

        // An adapter that was taken in is in the store: its volume may go.
        if (scope.Status.Artifact is null && spec.Source?.PersistentVolumeClaim is { } claim && cluster.Find<V1PersistentVolumeClaim>(scope.Namespace, claim.ClaimName) is null)
        {
            return (No(Reasons.ClaimNotFound, $"There is no PersistentVolumeClaim {claim.ClaimName} in this namespace."), true);
        }

        if (scope.Status.Artifact is null && Buckets.MissingAuthorities(cluster, scope.Namespace, spec.Source?.S3) is { } authorities)
        {
            return (No(Reasons.ConfigMapNotFound, authorities), true);
        }

        if (spec.SkillRef is { } skill && cluster.Find<Skill>(scope.Namespace, skill.Name) is null)
        {
            return IsUsed(scope)
                ? (Finding.True(ConditionTypes.Accepted, Reasons.Valid, $"The spec is valid. Skill {skill.Name} is gone; other Skills have it as their expert."), false)
                : (No(Reasons.SkillNotFound, $"There is no Skill {skill.Name} in this namespace."), true);
        }

        return (Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists."), false);
    }

    private bool IsUsed(ExpertScope scope) => cluster.List<Skill>(scope.Namespace).Any(skill =>
        skill.Status.ExpertRef?.Name == scope.Name && skill.Spec.BackboneRef.Name == scope.Expert.Spec.BackboneRef.Name && skill.Metadata.DeletionTimestamp is null);

    private static Finding No(string reason, string message) => Finding.False(ConditionTypes.Accepted, reason, message);
}
