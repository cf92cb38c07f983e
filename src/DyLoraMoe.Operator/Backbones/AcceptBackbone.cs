using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Whether the spec holds and, until the weights have been loaded once, whether what it refers to is there: from then on pods tell of it.</summary>
internal sealed class AcceptBackbone(ICluster cluster) : IPhase<BackboneScope>
{
    // A claim tells of itself when it comes, an account does not: those are not watched.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var spec = scope.Backbone.Spec;
        if (BackboneRules.Check(scope.Backbone) is { Count: > 0 } errors)
        {
            return Stop(scope, Reasons.InvalidSpec, string.Join(" ", errors));
        }

        if (scope.Status.Digest is null && await MissingAsync(scope, cancellationToken) is var (reason, message))
        {
            scope.Find(Finding.False(ConditionTypes.Accepted, reason, message));
            return Outcome.WaitFor(reason, message, _patience);
        }

        scope.Find(Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists." + ScalingDoubt(spec.Serving) + ContextDoubt(spec.Serving.Limits.MaxContext, scope.Status.ContextLength)));
        return Outcome.Continue;
    }

    // No reason to refuse it: a LimitRange of the namespace may give pods a request that the spec does not name.
    private static string ScalingDoubt(ServingTemplate serving) =>
        serving.Autoscaling is null || AsksForProcessor(serving.Resources?.Requests) || AsksForProcessor(serving.Resources?.Limits)
            ? ""
            : " spec.serving.resources.requests.cpu is left out: spec.serving.autoscaling goes by the share of it that is used, and without one, here or from a LimitRange, the number of pods stays as it is.";

    // Nor this: a router serves what its model has.
    private static string ContextDoubt(int? asked, int? own) =>
        asked > own ? $" spec.serving.limits.maxContext is {asked}, and the model's own context is {own}: routers serve {own} tokens." : "";

    private static bool AsksForProcessor(IDictionary<string, ResourceQuantity>? resources) => resources?.ContainsKey("cpu") == true;

    private static Outcome Stop(BackboneScope scope, string reason, string message)
    {
        scope.Find(Finding.False(ConditionTypes.Accepted, reason, message));
        return Outcome.Stop(reason, message);
    }

    private async Task<(string Reason, string Message)?> MissingAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var spec = scope.Backbone.Spec;
        foreach (var claim in new[] { spec.Store.PersistentVolumeClaim?.ClaimName, spec.Source.PersistentVolumeClaim?.ClaimName }.OfType<string>())
        {
            if (cluster.Find<V1PersistentVolumeClaim>(scope.Namespace, claim) is null)
            {
                return (Reasons.ClaimNotFound, $"There is no PersistentVolumeClaim {claim} in this namespace.");
            }
        }

        if (Buckets.MissingAuthorities(cluster, scope.Namespace, spec.Store.S3, spec.Source.S3) is { } authorities)
        {
            return (Reasons.ConfigMapNotFound, authorities);
        }

        foreach (var account in new[] { spec.Training.ServiceAccountName, spec.Serving.ServiceAccountName }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await cluster.ReadOneAsync<V1ServiceAccount>(scope.Namespace, account, cancellationToken) is null)
            {
                return (Reasons.ServiceAccountNotFound, $"There is no ServiceAccount {account} in this namespace.");
            }
        }

        return null;
    }
}
