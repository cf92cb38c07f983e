using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Lets old sets and recorded results go, and has what nothing refers to removed from the store.</summary>
internal sealed class CollectGarbage(ICluster cluster, JobRunner jobs, OperatorOptions options, TimeProvider clock) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var backbone = scope.Backbone;
        foreach (var set in Superfluous(scope).Concat(Dropped(scope)).DistinctBy(set => set.Revision))
        {
            await cluster.DeleteAsync(set.Map, cancellationToken);
            scope.Status.PreviousRevision = scope.Status.PreviousRevision == set.Revision ? null : scope.Status.PreviousRevision;
        }

        if (scope.Active is null || scope.Pending is not null || scope.Target?.Revision != scope.Active.Revision)
        {
            // Not while a set is made: what it is made from must stay.
            return Outcome.Continue;
        }

        var draft = SetDraft.Of(scope, cluster);
        await jobs.TidyAsync(backbone, request => request.Tag(Labels.JobKind) == nameof(JobKind.Collect) || draft.IsNeeded(request), backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
        await CollectAsync(scope, cancellationToken);
        return Outcome.Continue;
    }

    private IEnumerable<KnownSet> Superfluous(BackboneScope scope)
    {
        string?[] inUse = [scope.Status.ActiveRevision, scope.Status.PreviousRevision, scope.Status.PendingRevision, scope.Backbone.Spec.Serving.Revision, Rollouts.RevisionOf(scope.Deployment)];

        // A set that was given up is what says so.
        return [.. cluster.Sets(scope.Backbone).Where(set => !inUse.Contains(set.Revision) && set.Map.Note(JobNotes.GivenUp) is null).Skip(options.KeptRevisions)];
    }

    // Sets on smaller backbones, where a Growth says that there is to be no way back.
    private IReadOnlyList<KnownSet> Dropped(BackboneScope scope)
    {
        var artifact = scope.Active?.Set.Backbone.Artifact;
        return artifact is null || scope.Target?.Revision != scope.Active!.Revision || !cluster.Growths(scope.Backbone).Any(growth => growth.Spec.Old == OldBackbones.Drop && growth.Status is { AdoptionTime: not null } status && status.Backbone?.Artifact == artifact)
            ? []
            : [.. cluster.Sets(scope.Backbone).Where(set => set.Set.Backbone.Digest is { } digest && scope.Active.Facts.GrownFrom.Contains(digest) && set.Revision != scope.Backbone.Spec.Serving.Revision)];
    }

    private async Task CollectAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var backbone = scope.Backbone;
        var runs = cluster.RequestsOf(backbone, JobKind.Collect).ToList();
        var underWay = runs.Find(run => RequestStore.ResultOf(run) is null);
        var ledger = Ledger.Of(cluster, backbone);
        var keep = Referred.By(cluster, backbone, ledger, cluster.Sets(backbone));
        var inputs = Hash.Of(ContractJson.Write(keep));
        if (underWay is null && !IsDue(backbone, runs, inputs, ledger))
        {
            await PruneAsync(runs, cancellationToken);
            return;
        }

        var stage = await jobs.AdvanceAsync(
            new()
            {
                Kind = JobKind.Collect,
                Subject = backbone,
                Backbone = backbone,
                Inputs = underWay?.Note(Annotations.InputHash) ?? inputs,
                IsSuspended = backbone.Spec.Suspend,
                Request = () => RequestParts.Begin(JobKind.Collect, backbone, null, []) with
                {
                    Collect = keep with { AsOf = AsOf(scope), Released = ledger.Released, From = backbone.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(created) : null },
                },
            },
            cancellationToken);
        if (stage is JobStage.Finished { IsSuccess: true })
        {
            await Ledger.ForgetAsync(cluster, backbone, [.. ledger.Released], cancellationToken);
        }
        else if (stage is JobStage.Finished { Result: var result })
        {
            await cluster.RecordAsync(new(backbone, true, result.Reason, $"Nothing was collected from the store: {result.Message}"), cancellationToken);
        }
    }

    // The job may begin hours from now. What jobs have published by then, and those that have not told their results yet before, is not in its lists.
    private DateTimeOffset AsOf(BackboneScope scope) => Referred.OpenRequests(cluster, scope.Backbone)
        .Where(request => RequestStore.ResultOf(request) is null)
        .Select(request => request.Metadata.CreationTimestamp)
        .OfType<DateTime>()
        .Select(created => new DateTimeOffset(created))
        .Append(clock.GetUtcNow())
        .Min();

    // At once when a person asked for something to be deleted; for the rest there is time.
    private bool IsDue(Backbone backbone, IReadOnlyList<V1ConfigMap> runs, string inputs, Ledger ledger)
    {
        if (runs.Any(run => run.Note(Annotations.InputHash) == inputs))
        {
            return ledger.Released.Count > 0 && runs.All(run => RequestStore.ResultOf(run)?.Outcome == JobOutcome.Succeeded);
        }

        var last = runs.Select(run => run.Metadata.CreationTimestamp).Max() ?? backbone.Metadata.CreationTimestamp;
        return ledger.Released.Count > 0 || (last is { } time && clock.GetUtcNow() - time >= options.CollectEvery);
    }

    private async Task PruneAsync(List<V1ConfigMap> runs, CancellationToken cancellationToken)
    {
        foreach (var run in runs.OrderByDescending(run => run.Metadata.CreationTimestamp).Skip(1).Where(run => cluster.Find<V1Job>(run.Metadata.NamespaceProperty, run.Metadata.Name) is null))
        {
            await cluster.DeleteAsync(run, cancellationToken);
        }
    }
}
