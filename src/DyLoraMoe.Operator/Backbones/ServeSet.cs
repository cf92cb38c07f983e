using System.Globalization;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Has pods serve the target set; what is there already is not written again.</summary>
internal sealed class ServeSet(ICluster cluster, Children children, OperatorOptions options) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var (status, serving, name) = (scope.Status, scope.Backbone.Spec.Serving, ChildNames.Router(scope.Name));
        if (scope.Target is { } target)
        {
            scope.Deployment = await children.EnsureAsync(RouterTemplate.Deployment(scope, target, options), cancellationToken, (wanted, found, isKept) => Complete(serving, wanted, found, isKept));
            await children.EnsureAsync(RouterTemplate.Service(scope), cancellationToken);
            if (serving.Autoscaling is not null)
            {
                await children.EnsureAsync(RouterTemplate.Autoscaler(scope), cancellationToken);
            }
            else
            {
                await children.RemoveAsync<V2HorizontalPodAutoscaler>(scope.Backbone, name, cancellationToken);
            }

            // A budget for a single pod would only keep its node from being drained.
            if (serving.Replicas > 1 || serving.Autoscaling is { MinReplicas: > 1 })
            {
                await children.EnsureAsync(RouterTemplate.Budget(scope), cancellationToken);
            }
            else
            {
                await children.RemoveAsync<V1PodDisruptionBudget>(scope.Backbone, name, cancellationToken);
            }

            status.Endpoint = RouterTemplate.Endpoint(scope);
            status.Selector = string.Join(',', RouterTemplate.Selector(scope.Name).Select(pair => $"{pair.Key}={pair.Value}"));
        }

        var desired = scope.Deployment?.Spec?.Replicas ?? serving.Replicas;
        var ready = Math.Min(status.ReadyReplicas ?? 0, status.UpdatedReplicas ?? 0);
        status.Serving = string.Create(CultureInfo.InvariantCulture, $"{ready}/{desired}");
        if (scope.IsSetLost)
        {
            // Pods serve it still: what was known of it stands.
            return Outcome.Continue;
        }

        var active = scope.Active;
        status.Experts = active?.Set.Experts.Count;
        status.MatureExperts = active?.Set.Experts.Count(member => active.Facts.Maturity.GetValueOrDefault(member.Name)?.IsMature == true);
        status.RoutingMode = active is { Set.Experts.Count: > 0 } ? active.Facts.Mode : null;
        status.Router = active?.Set.Router;
        status.RouterAccuracyPercent = active?.Facts.AccuracyPercent;
        status.ActiveSetConfigMap = active?.Map.Metadata.Name;
        status.Pressure = active is { Set.Experts.Count: > 0 } ? Pressure(scope, active) : null;
        return Outcome.Continue;
    }

    // How Prometheus finds pods is no reason to replace any: it comes with the next roll to those that are there without.
    private static void Complete(ServingTemplate serving, V1Deployment wanted, V1Deployment? found, bool isKept)
    {
        if (!isKept || RouterTemplate.IsScraped(found!))
        {
            RouterTemplate.AddScraping(wanted);
        }

        Scale(serving, wanted, found);
    }

    // An autoscaler owns the number once there is one. Left out, a number that was ours would be reset to one.
    private static void Scale(ServingTemplate serving, V1Deployment wanted, V1Deployment? found)
    {
        if (serving.Autoscaling is { } autoscaling)
        {
            wanted.Spec.Replicas = Math.Clamp(found?.Spec?.Replicas ?? serving.Replicas, autoscaling.MinReplicas, autoscaling.MaxReplicas);
        }
    }

    private GrowthPressure Pressure(BackboneScope scope, KnownSet active)
    {
        var spec = scope.Backbone.Spec;
        var count = active.Set.Experts.Count;
        var atLargest = active.Set.Experts.Count(member => cluster.Find<LoraExpert>(scope.Namespace, member.Name) is { } expert && member.Rank >= LargestRank(scope, expert));
        var heldBack = active.Set.Experts.Count(member => active.Facts.Maturity.GetValueOrDefault(member.Name)?.HeldBackBy == "gain");
        return new() { RankPercent = 100 * atLargest / count, GainPercent = 100 * heldBack / count, ExpertsPercent = 100 * count / spec.MaxExperts };
    }

    private int LargestRank(BackboneScope scope, LoraExpert expert)
    {
        var skill = expert.Spec.SkillRef is { } reference ? cluster.Find<Skill>(scope.Namespace, reference.Name) : null;
        return RequestParts.Shape(scope.Backbone.Spec.Lora, skill?.Spec.Training.Lora, expert.Spec).LargestRank!.Value;
    }
}
