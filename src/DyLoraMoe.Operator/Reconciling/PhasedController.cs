using System.Diagnostics;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Telemetry;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>
/// A visit: phases in order until one of them has something to wait for, then the status, once, and only when it changed. An object that is being deleted has
/// phases of its own, and goes when they are through.
/// </summary>
internal abstract partial class PhasedController<TEntity, TStatus, TScope>(VisitTools tools, ILogger logger) : IEntityController<TEntity>, IEntityFinalizer<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
    where TStatus : class, IConditioned
    where TScope : VisitScope
{
    // Fewer failures in a row than this are nothing that a person needs to know of.
    private const int QuietFailures = 3;

    // A visit that comes again is read anew from a server that may only just be back, so it waits here rather than come ten times a second.
    private const int MostLooks = 10;

    private static readonly TimeSpan _untilCurrent = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan _untilGone = TimeSpan.FromMinutes(1);

    // Somebody else's object tells nobody here when it goes.
    private static readonly TimeSpan _untilRenamed = TimeSpan.FromMinutes(1);

    /// <summary>What controllers share.</summary>
    protected VisitTools Tools => tools;

    /// <summary>The kind's finalizer.</summary>
    protected abstract string Finalizer { get; }

    /// <summary>Phases of an object that is to be.</summary>
    protected abstract IReadOnlyList<IPhase<TScope>> Phases { get; }

    /// <summary>Phases of an object that is to go.</summary>
    protected abstract IReadOnlyList<IPhase<TScope>> Farewell { get; }

    /// <inheritdoc/>
    public Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken) => VisitAndAppointAsync(entity, cancellationToken);

    /// <inheritdoc/>
    public Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken) => VisitAndAppointAsync(entity, cancellationToken);

    /// <inheritdoc/>
    public Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken)
    {
        tools.Failures.Succeeded(entity.Kind, ObjectKey.Of(entity));
        Forget(entity);
        if (Successor(entity) is { } successor)
        {
            tools.Queue.Add(successor);
        }

        return Task.FromResult(ReconciliationResult<TEntity>.Success(entity));
    }

    /// <summary>The scope of a visit.</summary>
    protected abstract TScope Open(TEntity entity);

    /// <summary>The object with all that its phases need, when what a cache keeps of it may have come here.</summary>
    protected virtual Task<TEntity> WholeAsync(TEntity entity, CancellationToken cancellationToken) => Task.FromResult(entity);

    /// <summary>The object's status.</summary>
    protected abstract TStatus StatusOf(TEntity entity);

    /// <summary>All of the status but conditions and generation, from what was found.</summary>
    protected abstract TStatus Compute(TScope scope, Outcome outcome);

    /// <summary>Another status was written.</summary>
    protected virtual void Wrote(TEntity entity, TStatus old, TStatus now)
    {
    }

    /// <summary>The object wants nothing any more.</summary>
    protected abstract void Forget(TEntity entity);

    private async Task<ReconciliationResult<TEntity>> VisitAndAppointAsync(TEntity entity, CancellationToken cancellationToken)
    {
        var result = await VisitAsync(entity, cancellationToken);
        tools.Appointments.Make(entity.Kind, ObjectKey.Of(entity), result.RequeueAfter);
        return result;
    }

    private async Task<ReconciliationResult<TEntity>> VisitAsync(TEntity entity, CancellationToken cancellationToken)
    {
        for (var looks = 0; !tools.Cluster.IsCurrent; looks++)
        {
            if (looks == MostLooks)
            {
                return ReconciliationResult<TEntity>.Success(entity, _untilCurrent);
            }

            await Task.Delay(_untilCurrent, tools.Clock, cancellationToken);
        }

        var key = ObjectKey.Of(entity);
        var started = tools.Clock.GetTimestamp();
        using var activity = OperatorTelemetry.Source.StartActivity($"visit {entity.Kind}");
        activity?.SetTag("k8s.namespace.name", key.Namespace);
        activity?.SetTag("dylora.name", key.Name);
        using var logging = logger.BeginScope(new Dictionary<string, object> { ["kind"] = entity.Kind, ["namespace"] = key.Namespace, ["name"] = key.Name });
        tools.Cluster.Observe(entity);
        var isLeaving = entity.Metadata.DeletionTimestamp is not null;
        Outcome outcome;
        var failures = 0;
        try
        {
            if (!isLeaving)
            {
                entity = await AttachAsync(entity, cancellationToken);
            }
            else if (!HasFinalizer(entity))
            {
                return ReconciliationResult<TEntity>.Success(entity);
            }

            entity = await WholeAsync(entity, cancellationToken);
            var scope = Open(entity);
            var subject = JobRunner.SubjectOf(entity);
            tools.Slots.Begin(key.Namespace, subject);
            outcome = await RunAsync(scope, isLeaving, cancellationToken);
            if (outcome is Outcome.Failed { Error: ClusterException { IsNamespaceLeaving: true } })
            {
                // Nothing can be made there any more, and all that could be looked after goes with it. What is not being deleted yet will be in a moment.
                if (!isLeaving)
                {
                    tools.Slots.End(key.Namespace, subject);
                    return ReconciliationResult<TEntity>.Success(entity, _untilGone);
                }

                outcome = Outcome.Finish(Reasons.Terminating, "Its namespace is being deleted.");
            }

            if (outcome is not Outcome.Failed)
            {
                tools.Slots.End(key.Namespace, subject);
            }

            failures = outcome is Outcome.Failed ? tools.Failures.Failed(entity.Kind, key) : 0;
            if (isLeaving && outcome is Outcome.Done)
            {
                entity = await DetachAsync(entity, cancellationToken);
                Forget(entity);
            }
            else if (failures is 0 or >= QuietFailures)
            {
                entity = await ReportAsync(entity, scope, outcome, cancellationToken);
            }

            if (failures == 0)
            {
                tools.Failures.Succeeded(entity.Kind, key);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            outcome = new Outcome.Failed(error);
            failures = tools.Failures.Failed(entity.Kind, key);
        }

        activity?.SetStatus(outcome is Outcome.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
        tools.Metrics.RecordReconcile(entity.Kind, outcome.GetType().Name, tools.Clock.GetElapsedTime(started).TotalSeconds);
        return Result(entity, key, outcome, failures, isLeaving);
    }

    private ReconciliationResult<TEntity> Result(TEntity entity, ObjectKey key, Outcome outcome, int failures, bool isLeaving)
    {
        // A queue keeps this until the next look, which may be hours away: rather what the cache keeps anyway than a copy of it.
        entity = Cached(entity);
        switch (outcome)
        {
            case Outcome.Failed { Error: ClusterException { IsConflict: true } }:
                // Somebody was faster; what he wrote is read again, and soon.
                return ReconciliationResult<TEntity>.Success(entity, tools.Resync.AfterFailure(1));
            case Outcome.Failed failed:
                VisitFailed(logger, failed.Error, entity.Kind, key, failures);
                var pause = tools.Resync.AfterFailure(failures);
                return ReconciliationResult<TEntity>.Success(entity, (failed.Error as ClusterException)?.RetryAfter is { } asked && asked > pause ? asked : pause);
            case Outcome.Waiting waiting:
                Waits(logger, entity.Kind, key, waiting.Reason, waiting.Message);
                return ReconciliationResult<TEntity>.Success(entity, tools.Resync.Waiting(waiting.Within));
            case Outcome.Done { Until: { } time } when !isLeaving:
                return ReconciliationResult<TEntity>.Success(entity, tools.Resync.Until(time - tools.Clock.GetUtcNow()));
            default:
                return ReconciliationResult<TEntity>.Success(entity, isLeaving && outcome is Outcome.Done ? null : tools.Resync.Settled());
        }
    }

    private async Task<Outcome> RunAsync(TScope scope, bool isLeaving, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var phase in isLeaving ? Farewell : Phases)
            {
                if (await phase.RunAsync(scope, cancellationToken) is var outcome and not Outcome.Continuing)
                {
                    return outcome;
                }
            }

            return new Outcome.Failed(new InvalidOperationException("The last phase did not say how the visit ended."));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ClusterException error) when (error.IsRejected && !isLeaving)
        {
            var message = $"The API server refuses what is made from the spec: {error.Message}";
            scope.Find(Finding.False(ConditionTypes.Accepted, Reasons.ChildRejected, message));
            return Outcome.Stop(Reasons.ChildRejected, message);
        }
        catch (NameTakenException error)
        {
            scope.Find(Finding.False(ConditionTypes.Accepted, Reasons.NameTaken, error.Message));
            return Outcome.WaitFor(Reasons.NameTaken, error.Message, _untilRenamed);
        }
        catch (Exception error)
        {
            return new Outcome.Failed(error);
        }
    }

    private async Task<TEntity> ReportAsync(TEntity entity, TScope scope, Outcome outcome, CancellationToken cancellationToken)
    {
        var old = StatusOf(entity);
        var status = Compute(scope, outcome);
        status.ObservedGeneration = entity.Metadata.Generation ?? 0;
        status.Conditions = Summary.Conditions(old.Conditions, scope.Findings, outcome, entity.Metadata.Generation, tools.Clock.GetUtcNow());
        var wanted = Json(status);
        if (JsonNode.DeepEquals(wanted, Json(old)))
        {
            return entity;
        }

        // A visit may itself have changed the object, and a trainer tells of its progress meanwhile; neither makes the status wrong.
        var seen = Cached(entity);
        var before = StatusOf(seen);
        var answer = await tools.Cluster.ApplyStatusAsync(seen, wanted, cancellationToken);
        Wrote(entity, before, status);
        if (Remains(Json(StatusOf(answer)), wanted) is { Count: > 0 } remains)
        {
            // Somebody else wrote it, such as who restored a backup: no apply takes away what it never gave.
            answer = await tools.Cluster.MergeStatusAsync(answer, new JsonObject { ["status"] = remains }, cancellationToken);
        }

        tools.Metrics.RecordStatusWrite(entity.Kind);
        await TellAsync(entity, old.Conditions, status.Conditions, cancellationToken);

        return answer;
    }

    // What is there beyond what is wanted, as a merge patch that removes it.
    private static JsonObject Remains(JsonObject found, JsonObject wanted)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in found)
        {
            if (!wanted.TryGetPropertyValue(name, out var other) || other is null)
            {
                patch[name] = null;
            }
            else if (value is JsonObject inner && other is JsonObject below && Remains(inner, below) is { Count: > 0 } rest)
            {
                patch[name] = rest;
            }
        }

        return patch;
    }

    // Ready repeats what holds it up; as long as that is not bad news, one event for both will do.
    private async Task TellAsync(TEntity entity, IList<Condition> old, IList<Condition> now, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Of(entity);
        var news = now.Where(condition => News.IsOne(old.Find(condition.Type), condition)).ToList();
        foreach (var condition in news)
        {
            Changed(logger, entity.Kind, key, condition.Type, condition.Status, condition.Reason, condition.Message);
            var isRepeated = condition is { Type: ConditionTypes.Ready, Status: ConditionStatus.Unknown } && news.Exists(other => other != condition && other.Reason == condition.Reason);
            if (!isRepeated)
            {
                var isBad = condition is { Type: ConditionTypes.Ready, Status: ConditionStatus.False };
                await tools.Cluster.RecordAsync(new(entity, isBad, condition.Reason, $"{condition.Type}={condition.Status}: {condition.Message}"), cancellationToken);
            }
        }
    }

    // KubeOps makes one visit of what happens to a name within moments, and where the first of it was a deletion it is one for a deletion, whatever came after it. An
    // object of ours that is gone was marked to be deleted; one that is not marked, and one that is known by another uid, is the next of its name.
    private TEntity? Successor(TEntity entity) =>
        tools.Cluster.Find<TEntity>(entity.Metadata.NamespaceProperty, entity.Metadata.Name) is { } known && known.Metadata.Uid != entity.Metadata.Uid ? known
        : entity.Metadata.DeletionTimestamp is null ? entity
        : null;

    private TEntity Cached(TEntity entity) =>
        tools.Cluster.Find<TEntity>(entity.Metadata.NamespaceProperty, entity.Metadata.Name) is { } cached && cached.Metadata.Uid == entity.Metadata.Uid ? cached : entity;

    // What a trainer owns is not this operator's to say.
    private static JsonObject Json(TStatus status)
    {
        var json = JsonNode.Parse(KubernetesJson.Serialize(status))!.AsObject();
        json.Remove("progress");
        StatusBounds.Fit(json, typeof(TStatus));
        return json;
    }

    private bool HasFinalizer(TEntity entity) => entity.Metadata.Finalizers?.Contains(Finalizer) == true;

    // Before those of others: KubeOps runs the first one of an object, or none while that is not known to it.
    private Task<TEntity> AttachAsync(TEntity entity, CancellationToken cancellationToken) =>
        HasFinalizer(entity) ? Task.FromResult(entity) : SetFinalizersAsync(entity, [Finalizer, .. entity.Metadata.Finalizers ?? []], cancellationToken);

    private Task<TEntity> DetachAsync(TEntity entity, CancellationToken cancellationToken) =>
        SetFinalizersAsync(entity, [.. entity.Metadata.Finalizers.Where(each => each != Finalizer)], cancellationToken);

    // With the version that was seen, so that a list that somebody else changed meanwhile is not put back. Spec and status are left out of it.
    private async Task<TEntity> SetFinalizersAsync(TEntity entity, List<string> finalizers, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = entity.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(each => (JsonNode)each)]),
        };
        return await tools.Cluster.MergeAsync(entity, new JsonObject { ["metadata"] = metadata }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Visit to {Kind} {Key} failed, the {Failures}. time in a row")]
    private static partial void VisitFailed(ILogger logger, Exception error, string kind, ObjectKey key, int failures);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Kind} {Key} waits: {Reason} {Text}")]
    private static partial void Waits(ILogger logger, string kind, ObjectKey key, string reason, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Kind} {Key}: {Type}={Status} {Reason} {Text}")]
    private static partial void Changed(ILogger logger, string kind, ObjectKey key, string type, string status, string reason, string text);
}
