using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Metrics;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Queue;

/// <summary>
/// The queue in memory. It holds at most one visit per object, and one more where an object was deleted and another of the
/// same name came after it. A request that meets another keeps the earlier time and the later state.
/// </summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed class TimedEntityQueue<TEntity> : ITimedEntityQueue<TEntity>, ISuspendableEntityQueue
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private const int StaleEntriesWorthSweeping = 256;
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly ILogger _logger;
    private readonly OperatorMetrics? _metrics;
    private readonly Lock _lock = new();
    private readonly Dictionary<Slot, Visit> _visits = [];
    private readonly PriorityQueue<Slot, (DateTimeOffset Due, long Order)> _byTime = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _order;
    private bool _suspended;
    private bool _disposed;

    /// <summary>An empty queue.</summary>
    /// <param name="logger">Where it tells what it drops.</param>
    /// <param name="metrics">Where it counts.</param>
    public TimedEntityQueue(ILogger<TimedEntityQueue<TEntity>> logger, OperatorMetrics? metrics = null)
    {
        (_logger, _metrics) = (logger, metrics);
        _metrics?.RegisterQueueDepthGauge(typeof(TEntity).Name, () => Count(ready: false), () => Count(ready: true));
    }

    /// <inheritdoc/>
    public Task<bool> Enqueue(
        TEntity entity,
        ReconciliationType type,
        ReconciliationTriggerSource reconciliationTriggerSource,
        TimeSpan queueIn,
        int retryCount,
        CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromResult(false);
        }

        var key = this.GetKey(entity) ?? throw new InvalidOperationException("An object needs a name to be queued.");
        var due = DateTimeOffset.UtcNow + queueIn;
        lock (_lock)
        {
            if (_suspended || _disposed)
            {
                return Task.FromResult(false);
            }

            var slot = new Slot(key, type == ReconciliationType.Deleted);
            var counterpart = _visits.GetValueOrDefault(slot with { IsDeletion = !slot.IsDeletion });
            var isSame = counterpart is not null && IsSameObject(counterpart.Entry.Entity, entity);
            if (isSame && !slot.IsDeletion)
            {
                return Task.FromResult(true);
            }

            if (isSame)
            {
                _visits.Remove(counterpart!.Slot);
            }

            if (_visits.TryGetValue(slot, out var planned) && planned.Due < due)
            {
                due = planned.Due;
            }

            // What is overtaken stays in the order of times for a while, but not its object.
            _visits[slot] = new(slot, due, ++_order, new(entity, type, reconciliationTriggerSource, retryCount));
            _byTime.Enqueue(slot, (due, _order));
            SweepIfMostlyStale();
            Signal();
        }

        _metrics?.RecordEnqueue(typeof(TEntity).Name, reconciliationTriggerSource.ToString().ToLowerInvariant());
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        int dropped;
        lock (_lock)
        {
            dropped = _visits.Count;
            _visits.Clear();
            _byTime.Clear();
        }

        if (dropped > 0)
        {
            Log.QueueCleared(_logger, typeof(TEntity).Name, dropped);
        }
    }

    /// <inheritdoc/>
    public void SuspendIntake()
    {
        lock (_lock)
        {
            _suspended = true;
        }
    }

    /// <inheritdoc/>
    public void ResumeIntake()
    {
        lock (_lock)
        {
            _suspended = false;
            Signal();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _visits.Clear();
            _byTime.Clear();
            Signal();
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerator<QueueEntry<TEntity>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (visit, wait, changed) = Next();
            if (visit is not null)
            {
                yield return visit.Entry;
            }
            else if (wait is { } time)
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(changed, Task.Delay(time, stop.Token));
                await stop.CancelAsync();
            }
            else
            {
                yield break;
            }
        }
    }

    private static bool IsSameObject(TEntity one, TEntity other) => one.Uid() is { } uid && uid == other.Uid();

    private (Visit? Due, TimeSpan? Wait, Task Changed) Next()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return (null, null, _changed.Task);
            }

            var wait = LongestWait;
            while (!_suspended && _byTime.TryPeek(out var slot, out var at))
            {
                var left = at.Due - DateTimeOffset.UtcNow;
                if (!_visits.TryGetValue(slot, out var visit) || visit.Order != at.Order)
                {
                    _byTime.Dequeue();
                }
                else if (left > TimeSpan.Zero)
                {
                    wait = left < LongestWait ? left : LongestWait;
                    break;
                }
                else
                {
                    _byTime.Dequeue();
                    _visits.Remove(visit.Slot);
                    return (visit, null, _changed.Task);
                }
            }

            return (null, wait, _changed.Task);
        }
    }

    private void SweepIfMostlyStale()
    {
        if (_byTime.Count > StaleEntriesWorthSweeping + (2 * _visits.Count))
        {
            _byTime.Clear();
            _byTime.EnqueueRange(_visits.Values.Select(visit => (visit.Slot, (visit.Due, visit.Order))));
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private int Count(bool ready)
    {
        var now = DateTimeOffset.UtcNow;
        lock (_lock)
        {
            return _visits.Values.Count(visit => visit.Due <= now == ready);
        }
    }

    private readonly record struct Slot(string Key, bool IsDeletion);

    private sealed record Visit(Slot Slot, DateTimeOffset Due, long Order, QueueEntry<TEntity> Entry);
}
