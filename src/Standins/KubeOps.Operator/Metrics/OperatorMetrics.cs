using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace KubeOps.Operator.Metrics;

/// <summary>What an operator counts, under upstream's names.</summary>
public sealed class OperatorMetrics
{
    private const string EntityType = "kubeops.entity.type";
    private static readonly double[] DurationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentBag<Queue> _queues = [];
    private readonly Counter<long> _enqueued;
    private readonly Counter<long> _requeued;
    private readonly Counter<long> _discarded;
    private readonly Counter<long> _reconciliations;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _watchEvents;
    private readonly Counter<long> _reconnections;

    /// <summary>Instruments of a meter.</summary>
    /// <param name="meterFactory">Makes the meter.</param>
    /// <param name="meterName">The meter's name, which is the operator's.</param>
    public OperatorMetrics(IMeterFactory meterFactory, string meterName)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);
        var meter = meterFactory.Create(meterName, typeof(OperatorMetrics).Assembly.GetName().Version?.ToString());
        meter.CreateObservableGauge(
            "kubeops.operator.queue.depth", Depths, "{items}", "Objects in the queue, scheduled and ready.");
        _enqueued = meter.CreateCounter<long>(
            "kubeops.operator.queue.enqueued", "{items}", "Requests for a visit.");
        _requeued = meter.CreateCounter<long>(
            "kubeops.operator.queue.requeued", "{items}", "Visits put off, repeated, or asked for by a controller.");
        _discarded = meter.CreateCounter<long>(
            "kubeops.operator.queue.discarded", "{items}", "Requests dropped since the object was being visited.");
        _reconciliations = meter.CreateCounter<long>(
            "kubeops.operator.reconciliation", "{reconciliations}", "Visits made.");
        _durations = meter.CreateHistogram(
            "kubeops.operator.reconciliation.duration",
            "s",
            "Time of a visit, reading the object included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _watchEvents = meter.CreateCounter<long>(
            "kubeops.operator.watcher.events", "{events}", "Watch events received.");
        _reconnections = meter.CreateCounter<long>(
            "kubeops.operator.watcher.reconnections", "{reconnections}", "Watches opened again after an error.");
    }

    /// <summary>Counts a request for a visit.</summary>
    /// <param name="entityType">The kind.</param>
    /// <param name="triggerSource">Who asks.</param>
    public void RecordEnqueue(string entityType, string triggerSource) =>
        _enqueued.Add(1, new TagList { { EntityType, entityType }, { "kubeops.trigger.source", triggerSource } });

    /// <summary>Counts a visit that is asked for again.</summary>
    /// <param name="entityType">The kind.</param>
    /// <param name="reason">Why.</param>
    public void RecordRequeue(string entityType, string reason) =>
        _requeued.Add(1, new TagList { { EntityType, entityType }, { "kubeops.requeue.reason", reason } });

    /// <summary>Counts a request that was dropped.</summary>
    /// <param name="entityType">The kind.</param>
    public void RecordDiscard(string entityType) => _discarded.Add(1, new TagList { { EntityType, entityType } });

    /// <summary>Counts and times a visit.</summary>
    /// <param name="entityType">The kind.</param>
    /// <param name="reconciliationType">What had happened to the object.</param>
    /// <param name="status">success or failure.</param>
    /// <param name="durationSeconds">The time it took.</param>
    /// <param name="errorType">The type of the error, if any.</param>
    public void RecordReconciliation(
        string entityType,
        string reconciliationType,
        string status,
        double durationSeconds,
        string? errorType = null)
    {
        var tags = new TagList
        {
            { EntityType, entityType },
            { "kubeops.reconciliation.type", reconciliationType },
            { "kubeops.reconciliation.status", status },
        };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _reconciliations.Add(1, tags);
        _durations.Record(durationSeconds, tags);
    }

    /// <summary>Counts a watch event.</summary>
    /// <param name="entityType">The kind.</param>
    /// <param name="eventType">The event's type.</param>
    public void RecordWatchEvent(string entityType, string eventType) =>
        _watchEvents.Add(1, new TagList { { EntityType, entityType }, { "kubeops.watcher.event.type", eventType } });

    /// <summary>Counts a watch that is opened again.</summary>
    /// <param name="entityType">The kind.</param>
    public void RecordWatcherReconnection(string entityType) =>
        _reconnections.Add(1, new TagList { { EntityType, entityType } });

    /// <summary>Observes a queue.</summary>
    /// <param name="entityType">The kind.</param>
    /// <param name="scheduledDepth">Visits that are not due.</param>
    /// <param name="readyDepth">Visits that are due.</param>
    public void RegisterQueueDepthGauge(string entityType, Func<int> scheduledDepth, Func<int> readyDepth) =>
        _queues.Add(new Queue(entityType, scheduledDepth, readyDepth));

    private IEnumerable<Measurement<int>> Depths() =>
        from queue in _queues
        let depth = queue.Depth()
        where depth is not null
        group depth.Value by queue.EntityType into kind
        from measurement in new[]
        {
            Depth(kind.Sum(depth => depth.Scheduled), kind.Key, "scheduled"),
            Depth(kind.Sum(depth => depth.Ready), kind.Key, "ready"),
        }
        select measurement;

    private static Measurement<int> Depth(int depth, string entityType, string state) =>
        new(depth, new TagList { { EntityType, entityType }, { "kubeops.queue.state", state } });

    private sealed record Queue(string EntityType, Func<int> Scheduled, Func<int> Ready)
    {
        /// <summary>Null once it is disposed, which must not hide the other queues.</summary>
        public (int Scheduled, int Ready)? Depth()
        {
            try
            {
                return (Scheduled(), Ready());
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }
    }
}
