using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Whether the spec holds and what it refers to is there.</summary>
internal sealed class AcceptSkill(ICluster cluster) : IPhase<SkillScope>
{
    // What is waited for tells of itself; this is for the case that it does not.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken)
    {
        var (verdict, mayMend) = Decide(scope);
        scope.Find(verdict);
        return Task.FromResult(
            verdict.Status == ConditionStatus.True ? Readiness(scope)
            : mayMend ? Outcome.WaitFor(verdict.Reason, verdict.Message, _patience)
            : Outcome.Stop(verdict.Reason, verdict.Message));
    }

    private (Finding Verdict, bool MayMend) Decide(SkillScope scope)
    {
        var spec = scope.Skill.Spec;
        if (SkillRules.Check(scope.Skill) is { Count: > 0 } errors)
        {
            return (No(Reasons.InvalidSpec, string.Join(" ", errors)), false);
        }

        if (cluster.Find<Backbone>(scope.Namespace, spec.BackboneRef.Name) is not { } backbone)
        {
            return (No(Reasons.BackboneNotFound, $"There is no Backbone {spec.BackboneRef.Name} in this namespace."), true);
        }

        scope.Backbone = backbone;
        scope.ActiveSet = cluster.ActiveSet(backbone);
        string? fingerprint = null;
        if (spec.Data.ConfigMapRef is { } reference)
        {
            if (cluster.Find<V1ConfigMap>(scope.Namespace, reference.Name) is not { } map)
            {
                return (No(Reasons.ConfigMapNotFound, $"There is no ConfigMap {reference.Name} in this namespace."), true);
            }

            fingerprint = Trimming.FingerprintOf(map);
        }

        if (spec.Novelty.ExpertRef is { } given)
        {
            if (cluster.Find<LoraExpert>(scope.Namespace, given.Name) is not { } expert)
            {
                return (No(Reasons.ExpertNotFound, $"There is no LoraExpert {given.Name} in this namespace."), true);
            }

            if (expert.Spec.BackboneRef.Name != spec.BackboneRef.Name)
            {
                return (No(Reasons.BackboneMismatch, $"LoraExpert {given.Name} belongs to Backbone {expert.Spec.BackboneRef.Name}, not to {spec.BackboneRef.Name}."), false);
            }
        }

        scope.Inputs = SkillInputs.HashOf(spec, fingerprint);

        // Data that were read once are in the store: their volume may go.
        if (scope.Dataset?.Input != scope.Inputs && spec.Data.PersistentVolumeClaim is { } claim && cluster.Find<V1PersistentVolumeClaim>(scope.Namespace, claim.ClaimName) is null)
        {
            return (No(Reasons.ClaimNotFound, $"There is no PersistentVolumeClaim {claim.ClaimName} in this namespace."), true);
        }

        if (scope.Dataset?.Input != scope.Inputs && Buckets.MissingAuthorities(cluster, scope.Namespace, spec.Data.S3) is { } authorities)
        {
            return (No(Reasons.ConfigMapNotFound, authorities), true);
        }

        return (Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists."), false);
    }

    private static Outcome Readiness(SkillScope scope)
    {
        var backbone = scope.Backbone;
        return backbone.Metadata.DeletionTimestamp is not null ? Outcome.WaitFor(Reasons.BackboneNotReady, $"Backbone {backbone.Metadata.Name} is being deleted; it waits for its Skills to be deleted too.", _patience)
            : SetStore.LossOf(backbone, scope.ActiveSet) is { } loss ? Outcome.WaitFor(Reasons.BackboneNotReady, loss, _patience)
            : backbone.Status.Digest is not null ? Outcome.Continue
            : scope.Skill.Spec.Suspend || backbone.Spec.Suspend ? Outcome.WaitFor(Reasons.Suspended, "Work is suspended by the spec.", _patience)
            : Outcome.WaitFor(Reasons.BackboneNotReady, $"Backbone {backbone.Metadata.Name} is not prepared yet.", _patience);
    }

    private static Finding No(string reason, string message) => Finding.False(ConditionTypes.Accepted, reason, message);
}
