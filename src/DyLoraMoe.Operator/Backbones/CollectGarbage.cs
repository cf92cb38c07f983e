using System.Globalization;
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
    // What was released and could not go yet is tried again at most so often: each time the whole store is gone through.
    private static readonly TimeSpan _again = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var backbone = scope.Backbone;
        List<KnownSet> gone = [.. Superfluous(scope).Concat(Dropped(scope)).Concat(Revoked(scope)).DistinctBy(set => set.Revision)];
        foreach (var set in gone)
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

        // The set that is served counts although a restore may have left out whose it is.
        await CollectAsync(scope, [.. cluster.Sets(backbone).Append(scope.Active).DistinctBy(set => set.Revision).Where(set => !gone.Exists(each => each.Revision == set.Revision))], cancellationToken);
        return Outcome.Continue;
    }

    private IEnumerable<KnownSet> Superfluous(BackboneScope scope)
    {
        string?[] inUse = [scope.Status.ActiveRevision, scope.Status.PreviousRevision, scope.Status.PendingRevision, scope.Backbone.Spec.Serving.Revision, Rollouts.RevisionOf(scope.Deployment)];

        // A set that was given up is what says so, as long as it would be tried again without; it was never served, so there is no way back to it.
        var others = cluster.Sets(scope.Backbone).Where(set => !inUse.Contains(set.Revision)).ToLookup(set => set.Map.Note(JobNotes.GivenUp) is not null);
        var draft = others.Contains(true) ? SetDraft.Of(scope, cluster) : null;
        return [.. others[false].Skip(options.KeptRevisions), .. others[true].Where(set => !draft!.IsNeeded(set))];
    }

    // Sets on smaller backbones, where a Growth says that there is to be no way back.
    private IReadOnlyList<KnownSet> Dropped(BackboneScope scope)
    {
        var artifact = scope.Active?.Set.Backbone.Artifact;
        return artifact is null || scope.Target?.Revision != scope.Active!.Revision || !cluster.Growths(scope.Backbone).Any(growth => growth.Spec.Old == OldBackbones.Drop && growth.Status is { AdoptionTime: not null } status && status.Backbone?.Artifact == artifact)
            ? []
            : [.. cluster.Sets(scope.Backbone).Where(set => set.Set.Backbone.Digest is { } digest && scope.Active.Facts.GrownFrom.Contains(digest) && set.Revision != scope.Backbone.Spec.Serving.Revision)];
    }

    // Sets that hold what a person has asked to have removed: nobody wants a way back to them. Those in use go when they are that no more.
    private IReadOnlyList<KnownSet> Revoked(BackboneScope scope)
    {
        var ledger = Ledger.Of(cluster, scope.Backbone);
        if (ledger.Released.Count == 0)
        {
            return [];
        }

        string?[] inUse = [scope.Status.ActiveRevision, scope.Status.PendingRevision, scope.Backbone.Spec.Serving.Revision, Rollouts.RevisionOf(scope.Deployment)];
        var released = Removable(ledger, Referred.By(cluster, scope.Backbone, ledger, [])).ToHashSet(StringComparer.Ordinal);
        return [.. cluster.Sets(scope.Backbone).Where(set => !inUse.Contains(set.Revision) && set.Set.Experts.Any(member => released.Contains(member.Digest)))];
    }

    private async Task CollectAsync(BackboneScope scope, IReadOnlyList<KnownSet> sets, CancellationToken cancellationToken)
    {
        var backbone = scope.Backbone;
        var runs = cluster.RequestsOf(backbone, JobKind.Collect).OrderByDescending(TurnOf).ThenByDescending(run => run.Metadata.CreationTimestamp).ToList();
        var last = runs.FirstOrDefault();
        var ledger = Ledger.Of(cluster, backbone);
        var keep = Referred.By(cluster, backbone, ledger, sets);
        var released = Removable(ledger, keep);
        var terms = Hash.Of([$"{ledger.Releases}", .. released]);
        var goesOn = runs.Find(run => RequestStore.ResultOf(run) is null) ?? (released.Count > 0 && IsRepeated(backbone, last, terms) ? last : null);
        if (goesOn is null && last is not null && await ForgetAsync(backbone, last, terms, released, cancellationToken))
        {
            return;
        }

        var oldest = OldestOpen(backbone);
        if (goesOn is null && released.Count > 0 && IsDraining(scope))
        {
            scope.NextLook = clock.GetUtcNow() + _drain;
            return;
        }

        if (goesOn is null && !IsDue(scope, last, InputsOf(TurnOf(last)), terms, oldest, released.Count > 0))
        {
            await PruneAsync(runs, cancellationToken);
            return;
        }

        var turn = TurnOf(last) + 1;
        var stage = await jobs.AdvanceAsync(
            new()
            {
                Kind = JobKind.Collect,
                Subject = backbone,
                Backbone = backbone,
                Inputs = goesOn?.Note(Annotations.InputHash) ?? InputsOf(turn),
                IsRepeatable = true,
                Notes = new Dictionary<string, string> { [JobNotes.Terms] = terms, [JobNotes.From] = oldest?.Metadata.Name ?? "", [JobNotes.Turn] = turn.ToString(CultureInfo.InvariantCulture) },
                IsSuspended = backbone.Spec.Suspend,
                Request = () => RequestParts.Begin(JobKind.Collect, backbone, null, []) with
                {
                    Collect = keep with { AsOf = AsOf(oldest), Released = released, From = backbone.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(created) : null },
                },
            },
            cancellationToken);
        switch (stage)
        {
            case JobStage.Finished { IsSuccess: true } finished:
                await ForgetAsync(backbone, finished.Request, terms, released, cancellationToken);
                break;
            case JobStage.Finished { Result: var result }:
                await cluster.RecordAsync(new(backbone, true, result.Reason, $"Nothing was collected from the store: {result.Message}"), cancellationToken);
                break;
            case JobStage.Troubled troubled:
                scope.NextLook = clock.GetUtcNow() + troubled.Within;
                break;
        }

        string InputsOf(int turn) => Hash.Of(ContractJson.Write(keep), terms, turn.ToString(CultureInfo.InvariantCulture));
    }

    // Once a run has removed all that is to go now. When something was released after its lists were made, all is left for the next one: what it removed may have come again.
    private async Task<bool> ForgetAsync(Backbone backbone, V1ConfigMap run, string terms, IReadOnlyList<string> released, CancellationToken cancellationToken)
    {
        var isGone = released.Count > 0 && run.Note(JobNotes.Terms) == terms && RequestStore.ResultOf(run) is { Outcome: JobOutcome.Succeeded, Collect.Left: 0 };
        if (isGone)
        {
            await Ledger.ForgetAsync(cluster, backbone, released, cancellationToken);
        }

        return isGone;
    }

    private static int TurnOf(V1ConfigMap? run) => int.TryParse(run?.Note(JobNotes.Turn), NumberStyles.None, CultureInfo.InvariantCulture, out var turn) ? turn : 0;

    private static IReadOnlyList<string> Removable(Ledger ledger, CollectInput keep) => [.. ledger.Released.Except(keep.Datasets).Except(keep.Experts).Order(StringComparer.Ordinal)];

    // The job may begin hours from now. What jobs have published by then, and those that have not told their results yet before, is not in its lists.
    private DateTimeOffset AsOf(V1ConfigMap? oldest) =>
        oldest?.Metadata.CreationTimestamp is { } created && new DateTimeOffset(created) is var asked && asked < clock.GetUtcNow() ? asked : clock.GetUtcNow();

    private V1ConfigMap? OldestOpen(Backbone backbone) =>
        Referred.OpenRequests(cluster, backbone).Where(request => RequestStore.ResultOf(request) is null).MinBy(request => request.Metadata.CreationTimestamp);

    // A failure that somebody may have mended: the runner says when.
    private static bool IsRepeated(Backbone backbone, V1ConfigMap? run, string terms) =>
        run?.Note(JobNotes.Terms) == terms
        && RequestStore.ResultOf(run!) is { Outcome: not JobOutcome.Succeeded } result
        && (BucketTroubles.IsOne(result.Reason) || run!.Note(JobNotes.RetryAt) != backbone.Note(JobNotes.RetryAt));

    // A pod that ends still answers, and may read an expert of its set that it did not have in memory, until its grace is over.
    private bool IsDraining(BackboneScope scope) => cluster.ListAll<V1Pod>().Any(pod =>
        pod.Metadata.DeletionTimestamp > clock.GetUtcNow().UtcDateTime
        && pod.Metadata.NamespaceProperty == scope.Namespace
        && pod.Tag(Labels.Backbone) == scope.Name
        && pod.Tag(Labels.Component) == RouterTemplate.Component
        && pod.Note(Annotations.Revision) != scope.Active!.Revision);

    // At once when a person asked for something to be deleted, and again when what kept it from that may be over; for the rest there is time.
    private bool IsDue(BackboneScope scope, V1ConfigMap? last, string inputs, string terms, V1ConfigMap? oldest, bool hasReleased)
    {
        if (hasReleased && last?.Note(JobNotes.Terms) != terms)
        {
            return true;
        }

        var isDone = last is not null && RequestStore.ResultOf(last)?.Outcome == JobOutcome.Succeeded;
        if (!hasReleased && isDone && last!.Note(Annotations.InputHash) == inputs)
        {
            return false;
        }

        if ((last?.Metadata.CreationTimestamp ?? scope.Backbone.Metadata.CreationTimestamp) is not { } time)
        {
            return false;
        }

        var mayHelp = hasReleased && (!isDone || oldest is null || last!.Note(JobNotes.From) != oldest.Metadata.Name);
        var (due, now) = (new DateTimeOffset(time) + (mayHelp ? _again : options.CollectEvery), clock.GetUtcNow());
        if (hasReleased && now < due)
        {
            // That a job of others has ended tells a Backbone nothing.
            scope.NextLook = due < now + _again ? due : now + _again;
        }

        return now >= due;
    }

    // From the newest on, which stays.
    private async Task PruneAsync(List<V1ConfigMap> runs, CancellationToken cancellationToken)
    {
        foreach (var run in runs.Skip(1).Where(run => cluster.Find<V1Job>(run.Metadata.NamespaceProperty, run.Metadata.Name) is null))
        {
            await cluster.DeleteAsync(run, cancellationToken);
        }
    }
}
