using System.Diagnostics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Logging;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Queue;

/// <summary>Takes visits from a queue and makes them: several objects at once, each object once at a time, failures again.</summary>
internal sealed class EntityQueueConsumer<TEntity>(
    ActivitySource activities,
    IKubernetesClient client,
    OperatorSettings settings,
    ITimedEntityQueue<TEntity> queue,
    IReconciler<TEntity> reconciler,
    EntityReconcileCoordinator<TEntity> coordinator,
    EntityLoggingScopes<TEntity> scopes,
    ILogger<EntityQueueConsumer<TEntity>> logger,
    OperatorMetrics? metrics = null)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private static readonly string Kind = typeof(TEntity).Name;

    /// <summary>Works until cancelled, then waits for the visits under way.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var visits = new List<Task>();
        try
        {
            await foreach (var entry in queue.WithCancellation(cancellationToken))
            {
                visits.RemoveAll(visit => visit.IsCompleted);
                var key = queue.GetKey(entry.Entity)!;
                if (!await TryBeginAsync(key, entry, cancellationToken))
                {
                    continue;
                }

                try
                {
                    await coordinator.Slots.WaitAsync(cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    coordinator.End(key);
                    throw;
                }

                visits.Add(Task.Run(() => VisitAsync(key, entry, cancellationToken), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping is how this ends.
        }
        finally
        {
            await Task.WhenAll(visits);
        }
    }

    private async Task<bool> TryBeginAsync(string key, QueueEntry<TEntity> entry, CancellationToken cancellationToken)
    {
        Task<bool> AgainAsync(TimeSpan delay) => EnqueueAsync(entry, delay, entry.RetryCount, cancellationToken);

        var strategy = settings.ParallelReconciliation.ConflictStrategy;
        var waits = strategy == ParallelReconciliationConflictStrategy.WaitForCompletion;
        if (coordinator.TryBegin(key, waits ? () => AgainAsync(TimeSpan.Zero) : null))
        {
            return true;
        }

        if (strategy == ParallelReconciliationConflictStrategy.Discard)
        {
            metrics?.RecordDiscard(Kind);
        }
        else if (!waits && await AgainAsync(settings.ParallelReconciliation.GetEffectiveRequeueDelay()))
        {
            metrics?.RecordRequeue(Kind, "conflict");
        }

        return false;
    }

    private async Task VisitAsync(string key, QueueEntry<TEntity> entry, CancellationToken cancellationToken)
    {
        using var activity = activities.StartActivity(
            $"""Processing queued "{entry.ReconciliationType}" event for "{key}".""", ActivityKind.Consumer);
        try
        {
            using var scope = logger.BeginScope(scopes.Of(entry));
            var started = Stopwatch.GetTimestamp();
            try
            {
                var result = await ReconcileAsync(key, entry, cancellationToken);
                Record(entry, started, result.IsSuccess, result.Error?.GetType().FullName ?? "_OTHER");
                if (!result.IsSuccess)
                {
                    Log.VisitUnsuccessful(logger, result.Error, Kind, key, result.ErrorMessage);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                Log.VisitCancelled(logger, Kind, key);
            }
            catch (Exception e)
            {
                activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                Record(entry, started, isSuccess: false, e.GetType().FullName);
                await RetryAsync(key, entry, e, cancellationToken);
            }
        }
        catch (Exception e)
        {
            Log.VisitLost(logger, e, Kind, key);
        }
        finally
        {
            coordinator.Slots.Release();
            foreach (var next in coordinator.End(key))
            {
                await next();
            }
        }
    }

    private async Task<ReconciliationResult<TEntity>> ReconcileAsync(
        string key,
        QueueEntry<TEntity> entry,
        CancellationToken cancellationToken)
    {
        var entity = entry.ReconciliationType == ReconciliationType.Deleted
            ? entry.Entity
            : await client.GetAsync<TEntity>(entry.Entity.Name(), entry.Entity.Namespace(), cancellationToken);
        if (entity is null)
        {
            Log.ObjectGone(logger, Kind, key);
            return ReconciliationResult<TEntity>.Success(entry.Entity);
        }

        return await reconciler.Reconcile(
            ReconciliationContext<TEntity>.CreateFor(
                entity, entry.ReconciliationType, entry.ReconciliationTriggerSource),
            cancellationToken);
    }

    private async Task RetryAsync(
        string key,
        QueueEntry<TEntity> entry,
        Exception error,
        CancellationToken cancellationToken)
    {
        var parallel = settings.ParallelReconciliation;
        var failures = entry.RetryCount + 1;
        if (failures > parallel.MaxErrorRetries)
        {
            Log.VisitFailedForGood(logger, error, Kind, key, failures);
            return;
        }

        var delay = parallel.GetErrorBackoffDelay(failures);
        Log.VisitFailed(logger, error, Kind, key, failures, delay);
        if (await EnqueueAsync(entry, delay, failures, cancellationToken))
        {
            metrics?.RecordRequeue(Kind, "error_retry");
        }
    }

    private Task<bool> EnqueueAsync(
        QueueEntry<TEntity> entry,
        TimeSpan delay,
        int retryCount,
        CancellationToken cancellationToken) =>
        queue.Enqueue(
            entry.Entity,
            entry.ReconciliationType,
            entry.ReconciliationTriggerSource,
            delay,
            retryCount,
            cancellationToken);

    private void Record(QueueEntry<TEntity> entry, long started, bool isSuccess, string? error) =>
        metrics?.RecordReconciliation(
            Kind,
            entry.ReconciliationType.ToString().ToLowerInvariant(),
            isSuccess ? "success" : "failure",
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            isSuccess ? null : error);
}
