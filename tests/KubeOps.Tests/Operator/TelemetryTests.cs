using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.Operator.Metrics;
using KubeOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Tests.Operator;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Visits_are_counted_timed_and_traced_under_the_operators_name()
    {
        var counts = new ConcurrentDictionary<string, long>();
        var activities = new ConcurrentQueue<string>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "telemetry-operator",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => activities.Enqueue(activity.DisplayName),
        };
        ActivitySource.AddActivityListener(traces);
        await using var server = await FakeApiServer.StartAsync();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "telemetry-operator")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) =>
            counts.AddOrUpdate(instrument.Name, 1, (_, sum) => sum + 1));
        meters.SetMeasurementEventCallback<int>((instrument, value, _, _) => counts[instrument.Name] = value);
        meters.Start();
        await using var @operator = await TestOperator.StartAsync(server, settings => settings.Name = "telemetry-operator");

        await Wait.UntilAsync(() => server.WatchCount == 1, "the watch is open");
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => counts.ContainsKey("kubeops.operator.reconciliation.duration"), "the visit is timed");
        meters.RecordObservableInstruments();

        Assert.Equal(1, counts["kubeops.operator.reconciliation"]);
        Assert.Equal(1, counts["kubeops.operator.queue.enqueued"]);
        Assert.Equal(1, counts["kubeops.operator.watcher.events"]);
        Assert.Equal(0, counts["kubeops.operator.queue.depth"]);
        await Wait.UntilAsync(
            () => activities.Any(name => name.Contains("default/a", StringComparison.Ordinal)), "the visit is traced");
    }

    [Fact]
    public async Task A_watch_that_ends_with_nothing_said_is_no_failure()
    {
        var broken = 0;
        await using var server = await FakeApiServer.StartAsync();
        using var meters = Listen<long>("quiet-operator", "kubeops.operator.watcher.reconnections", (_, _) => Interlocked.Increment(ref broken));
        await using var @operator = await TestOperator.StartAsync(server, settings => settings.Name = "quiet-operator");
        await Wait.UntilAsync(() => server.WatchCount == 1, "the watch is open");

        server.EndWatches();
        await Wait.UntilAsync(() => server.WatchCount == 1, "the next watch is open");
        Assert.Equal(0, broken);

        server.DropWatches();
        await Wait.UntilAsync(() => server.WatchCount == 1, "the watch after that is open");
        Assert.Equal(1, broken);
    }

    [Fact]
    public async Task A_visit_whose_object_has_gone_is_no_failure()
    {
        var statuses = new ConcurrentQueue<string?>();
        await using var server = await FakeApiServer.StartAsync();
        using var meters = Listen<long>("gone-operator", "kubeops.operator.reconciliation", (_, tags) => statuses.Enqueue(tags.Single(tag => tag.Key == "kubeops.reconciliation.status").Value?.ToString()));
        await using var @operator = await TestOperator.StartAsync(server, settings => settings.Name = "gone-operator");
        await Wait.UntilAsync(() => server.WatchCount == 1, "the watch is open");

        await @operator.Services.GetRequiredService<EntityQueue<Thing>>()(
            Thing.Named("gone"), ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, retryCount: 0, CancellationToken.None);

        await Wait.UntilAsync(() => !statuses.IsEmpty, "the visit is counted");
        Assert.Equal("success", Assert.Single(statuses));
        Assert.Empty(@operator.Visits.Reconciled);
    }

    [Fact]
    public void A_queue_that_is_disposed_hides_no_other()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>(), "disposed-operator");
        metrics.RegisterQueueDepthGauge("Thing", () => throw new ObjectDisposedException("queue"), () => 0);
        metrics.RegisterQueueDepthGauge("Thing", () => 3, () => 1);
        var depths = new List<int>();
        using var meters = Listen<int>("disposed-operator", "kubeops.operator.queue.depth", (value, _) => depths.Add(value));

        meters.RecordObservableInstruments();

        Assert.Equal([3, 1], depths);
    }

    private static MeterListener Listen<T>(string meter, string name, Action<T, KeyValuePair<string, object?>[]> measured)
        where T : struct
    {
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == meter && instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<T>((_, value, tags, _) => measured(value, tags.ToArray()));
        meters.Start();
        return meters;
    }
}
