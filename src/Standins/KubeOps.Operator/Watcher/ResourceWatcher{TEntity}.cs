using System.Diagnostics;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.KubernetesClient;
using KubeOps.Operator.Metrics;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Retry;
using KubeOps.Transpiler;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Watcher;

/// <summary>
/// Tells a queue of every change of a kind: lists, watches from the list's version, and goes on from the last version seen
/// when the connection breaks. Once that version is gone, it lists again, and finds what was deleted in between.
/// </summary>
internal sealed class ResourceWatcher<TEntity>(
    ActivitySource activities,
    IKubernetesClient client,
    OperatorSettings settings,
    ITimedEntityQueue<TEntity> queue,
    IEntityLabelSelector<TEntity> labelSelector,
    IEntityFieldSelector<TEntity> fieldSelector,
    Backoff backoff,
    ILogger<ResourceWatcher<TEntity>> logger,
    OperatorMetrics? metrics = null)
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);
    private static readonly string Kind = typeof(TEntity).Name;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = new Watch(new SeenObjects<TEntity>(settings.ReconcileStrategy));
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await WatchOnceAsync(watch, cancellationToken);

                // A server that ends every watch at once is not to be asked in a loop.
                watch.Failures = watch.HadEvents || Stopwatch.GetElapsedTime(started) >= ShortestWatch ? 0 : watch.Failures + 1;
                if (watch.Failures > 0)
                {
                    await Task.Delay(backoff.After(watch.Failures), cancellationToken);
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsGone(e) && watch.Version is not null)
            {
                Log.VersionGone(logger, Kind);
                watch.Version = null;
            }
            catch (Exception e)
            {
                metrics?.RecordWatcherReconnection(Kind);
                var delay = backoff.After(++watch.Failures);
                Log.WatchFailed(logger, e, Kind, watch.Failures, delay);
                await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static bool IsGone(Exception error) => error switch
    {
        KubernetesException { Status.Code: (int)HttpStatusCode.Gone } => true,
        HttpOperationException { Response.StatusCode: HttpStatusCode.Gone } => true,
        _ => false,
    };

    private async Task WatchOnceAsync(Watch watch, CancellationToken cancellationToken)
    {
        watch.HadEvents = false;
        var labels = await labelSelector.GetLabelSelectorAsync(cancellationToken);
        var fields = await fieldSelector.GetFieldSelectorAsync(cancellationToken);
        watch.Version ??= await ListAsync(watch, labels, fields, cancellationToken);
        var events = client.WatchAsync<TEntity>(
            settings.Namespace,
            watch.Version,
            labels,
            fields,
            allowWatchBookmarks: true,
            cancellationToken);
        try
        {
            await HearAsync(watch, events, cancellationToken);
        }
        catch (HttpRequestException e) when (e.InnerException is EndOfStreamException)
        {
            // So KubernetesClient calls a watch that ends with nothing said. API servers end every watch in time, and send
            // no bookmark of a kind that has not changed since they started.
        }
    }

    private async Task HearAsync(Watch watch, IAsyncEnumerable<(WatchEventType Type, TEntity Entity)> events, CancellationToken cancellationToken)
    {
        await foreach (var (type, entity) in events)
        {
            using var activity = activities.StartActivity($"""processing "{type}" event""", ActivityKind.Consumer);
            metrics?.RecordWatchEvent(Kind, type.ToString().ToLowerInvariant());
            if (type != WatchEventType.Bookmark)
            {
                await TellAsync(watch, type, entity, cancellationToken);
            }

            watch.Version = entity.ResourceVersion() ?? watch.Version;
            watch.HadEvents = true;
            watch.Failures = 0;
        }
    }

    private async Task<string?> ListAsync(Watch watch, string? labels, string? fields, CancellationToken cancellationToken)
    {
        var list = await client.ApiClient.ListAllAsync<TEntity>(settings.Namespace, labels, fields, cancellationToken);
        Log.Listed(logger, Kind, list.Items.Count, list.Metadata.ResourceVersion);
        foreach (var missed in watch.Seen.NotIn(list.Items))
        {
            await TellAsync(watch, WatchEventType.Deleted, missed, cancellationToken);
        }

        foreach (var entity in list.Items)
        {
            // Items of a list come without what is the same for all.
            entity.ApiVersion ??= list.ApiVersion;
            entity.Kind ??= Entities.ToEntityMetadata<TEntity>().Metadata.Kind;
            await TellAsync(watch, WatchEventType.Added, entity, cancellationToken);
        }

        return list.Metadata.ResourceVersion;
    }

    private async Task TellAsync(Watch watch, WatchEventType type, TEntity entity, CancellationToken cancellationToken)
    {
        if (type is not (WatchEventType.Added or WatchEventType.Modified or WatchEventType.Deleted)
            || (type != WatchEventType.Deleted && !watch.Seen.IsNews(entity)))
        {
            return;
        }

        try
        {
            var isQueued = await queue.Enqueue(
                entity,
                type switch
                {
                    WatchEventType.Added => ReconciliationType.Added,
                    WatchEventType.Modified => ReconciliationType.Modified,
                    _ => ReconciliationType.Deleted,
                },
                ReconciliationTriggerSource.ApiServer,
                TimeSpan.Zero,
                retryCount: 0,
                cancellationToken);
            if (!isQueued)
            {
                return;
            }

            if (type == WatchEventType.Deleted)
            {
                watch.Seen.Forget(entity);
            }
            else
            {
                watch.Seen.Remember(entity);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.EventFailed(logger, e, Kind, entity.Name());
        }
    }

    private sealed class Watch(SeenObjects<TEntity> seen)
    {
        public SeenObjects<TEntity> Seen { get; } = seen;

        public string? Version { get; set; }

        public int Failures { get; set; }

        public bool HadEvents { get; set; }
    }
}
