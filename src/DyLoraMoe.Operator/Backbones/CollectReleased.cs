using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>
/// Has what was released removed from the store before a Backbone goes, for nobody knows of it afterwards; what the Backbone owns goes with it. A store that is gone is not
/// waited for, and a job that does not get through an hour at most: a Backbone that never goes would help nobody.
/// </summary>
internal sealed class CollectReleased(ICluster cluster, JobRunner jobs, TimeProvider clock) : IPhase<BackboneScope>
{
    // As many as an event has room for.
    private const int MostNamed = 8;

    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private static readonly JobKind[] _ownWork = [JobKind.Prepare, JobKind.FitRouter, JobKind.Check];

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var backbone = scope.Backbone;
        var ledger = Ledger.Of(cluster, backbone);
        if (ledger.Released.Count == 0)
        {
            return Outcome.Finish(Reasons.Terminating, "Nothing refers to it any more.");
        }

        if (backbone.Spec.Store.PersistentVolumeClaim?.ClaimName is { } claim && cluster.Find<V1PersistentVolumeClaim>(scope.Namespace, claim) is not { Metadata.DeletionTimestamp: null })
        {
            return await LeaveAsync(scope, ledger, $"PersistentVolumeClaim {claim} is gone.", cancellationToken);
        }

        var until = await Ledger.AwaitAsync(cluster, backbone, clock.GetUtcNow().InSeconds(), cancellationToken) + _longest;
        await RestAsync(scope, cancellationToken);
        var stage = await jobs.AdvanceAsync(Plan(scope, ledger), cancellationToken);
        if (stage is JobStage.Finished { IsSuccess: true })
        {
            await Ledger.ForgetAsync(cluster, backbone, [.. ledger.Released], cancellationToken);
            return Outcome.Finish(Reasons.Terminating, "What was released is removed from the store.");
        }

        var why = StageOutcome.Of(stage, ConditionTypes.Ready, Reasons.InvalidInput).Finding.Message;
        return clock.GetUtcNow() < until
            ? Outcome.WaitFor(Reasons.Terminating, string.Create(CultureInfo.InvariantCulture, $"{ledger.Released.Count} artifacts that were released are removed from the store first; it goes without that at {until:u}. {why}"), _patience)
            : await LeaveAsync(scope, ledger, $"They were not removed within an hour: {why}", cancellationToken);
    }

    // What is removed must not be served, and what no set needs any more must not keep the job from its turn or its volume.
    private async Task RestAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        foreach (var kind in _ownWork)
        {
            await jobs.StopAsync(scope.Backbone, kind, cancellationToken);
        }

        if (cluster.Find<V1Deployment>(scope.Namespace, ChildNames.Router(scope.Name)) is { Spec.Replicas: not 0 } deployment && scope.Backbone.Owns(deployment))
        {
            await cluster.MergeAsync(deployment, new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 0 } }, cancellationToken);
        }
    }

    // No set is served, so none keeps anything. But for what was released, all that was published before stays, with or without a name.
    private JobPlan Plan(BackboneScope scope, Ledger ledger)
    {
        var backbone = scope.Backbone;
        var collect = Referred.By(cluster, backbone, ledger, []) with { Released = ledger.Released, GraceSeconds = 0 };
        return new()
        {
            Kind = JobKind.Collect,
            Subject = backbone,
            Backbone = backbone,
            Inputs = Hash.Of("farewell", ContractJson.Write(collect with { Checkpoints = [] })),
            IsUrgent = true,
            Request = () => RequestParts.Begin(JobKind.Collect, backbone, null, []) with { Collect = collect with { From = clock.GetUtcNow() } },
        };
    }

    private async Task<Outcome> LeaveAsync(BackboneScope scope, Ledger ledger, string why, CancellationToken cancellationToken)
    {
        var (count, named) = (ledger.Released.Count, string.Join(' ', ledger.Released.Take(MostNamed)));
        await cluster.RecordAsync(new(scope.Backbone, true, Reasons.Terminating, $"{count} artifacts that were released stay in the store. {why} They are {named}{(count > MostNamed ? " and others" : "")}."), cancellationToken);
        return Outcome.Finish(Reasons.Terminating, why);
    }
}
