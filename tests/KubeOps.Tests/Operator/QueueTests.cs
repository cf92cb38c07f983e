using KubeOps.Abstractions.Reconciliation;
using KubeOps.Operator.Queue;
using KubeOps.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeOps.Tests.Operator;

public sealed class QueueTests : IDisposable
{
    private readonly TimedEntityQueue<Thing> _queue = new(NullLogger<TimedEntityQueue<Thing>>.Instance);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Requests_for_one_object_become_one_visit_at_the_earlier_time_in_the_later_state()
    {
        await AddAsync(Thing.Named("a", 1));
        await AddAsync(Thing.Named("a", 2), seconds: 60);
        await AddAsync(Thing.Named("a", 3), seconds: 30);
        var taken = await TakeAsync();
        Assert.Equal(3, Assert.Single(taken).Entity.Spec.Value);
    }

    [Fact]
    public async Task A_request_for_now_overtakes_one_for_later()
    {
        await AddAsync(Thing.Named("a"), seconds: 60);
        Assert.Empty(await TakeAsync());
        await AddAsync(Thing.Named("a"));
        Assert.Single(await TakeAsync());
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task Due_visits_come_in_the_order_of_their_times()
    {
        await AddAsync(Thing.Named("c"), seconds: 0.2);
        await AddAsync(Thing.Named("b"), seconds: 0.1);
        await AddAsync(Thing.Named("a"));
        Assert.Equal(["a", "b", "c"], (await TakeAsync(milliseconds: 600)).Select(entry => entry.Entity.Metadata.Name));
    }

    [Fact]
    public async Task Objects_of_one_name_in_two_namespaces_are_two()
    {
        await AddAsync(Thing.Named("a", @namespace: "one"));
        await AddAsync(Thing.Named("a", @namespace: "two"));
        Assert.Equal(2, (await TakeAsync()).Count);
    }

    [Fact]
    public async Task A_deletion_replaces_the_visit_of_the_object_and_outlasts_what_comes_late()
    {
        await AddAsync(WithUid("1"));
        await AddAsync(WithUid("1"), ReconciliationType.Deleted);
        await AddAsync(WithUid("1"));
        Assert.Equal(ReconciliationType.Deleted, Assert.Single(await TakeAsync()).ReconciliationType);
    }

    [Fact]
    public async Task An_object_made_anew_after_a_deletion_is_visited_as_well()
    {
        await AddAsync(WithUid("1"), ReconciliationType.Deleted);
        await AddAsync(WithUid("2"), ReconciliationType.Added);
        Assert.Equal(
            [ReconciliationType.Deleted, ReconciliationType.Added],
            (await TakeAsync()).Select(entry => entry.ReconciliationType));
    }

    [Fact]
    public async Task A_suspended_queue_takes_nothing_and_gives_nothing()
    {
        await AddAsync(Thing.Named("a"));
        _queue.SuspendIntake();
        Assert.False(await AddAsync(Thing.Named("b")));
        Assert.Empty(await TakeAsync());
        _queue.ResumeIntake();
        Assert.Equal("a", Assert.Single(await TakeAsync()).Entity.Metadata.Name);
    }

    [Fact]
    public async Task A_cleared_queue_is_empty()
    {
        await AddAsync(Thing.Named("a"));
        _queue.Clear();
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task Of_many_requests_from_many_sides_each_object_is_taken_in_its_last_state()
    {
        const int Objects = 20;
        var last = new Dictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var taker = Task.Run(async () =>
        {
            await foreach (var entry in _queue.WithCancellation(stop.Token))
            {
                lock (last)
                {
                    last[entry.Entity.Metadata.Name] = entry.Entity.Spec.Value;
                }
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Objects).Select(i => Task.Run(async () =>
        {
            for (var value = 1; value <= 200; value++)
            {
                await AddAsync(Thing.Named($"t{i}", value));
            }
        })));
        await Wait.UntilAsync(
            () =>
            {
                lock (last)
                {
                    return last.Count == Objects && last.Values.All(value => value == 200);
                }
            },
            "the last state of each");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taker);
    }

    [Fact]
    public void An_object_is_known_by_namespace_and_name()
    {
        Assert.Equal("default/a", _queue.GetKey(Thing.Named("a")));
        Assert.Equal("a", _queue.GetKey(Thing.Named("a", @namespace: null)));
        Assert.Null(_queue.GetKey(new Thing()));
    }

    private static Thing WithUid(string uid)
    {
        var thing = Thing.Named("a");
        thing.Metadata.Uid = uid;
        return thing;
    }

    private Task<bool> AddAsync(Thing thing, ReconciliationType type, double seconds = 0) => _queue.Enqueue(
        thing, type, ReconciliationTriggerSource.ApiServer, TimeSpan.FromSeconds(seconds), 0, CancellationToken.None);

    private Task<bool> AddAsync(Thing thing, double seconds = 0) => AddAsync(thing, ReconciliationType.Modified, seconds);

    private async Task<List<QueueEntry<Thing>>> TakeAsync(int milliseconds = 100)
    {
        var taken = new List<QueueEntry<Thing>>();
        using var stop = new CancellationTokenSource(milliseconds);
        try
        {
            await foreach (var entry in _queue.WithCancellation(stop.Token))
            {
                taken.Add(entry);
            }
        }
        catch (OperationCanceledException)
        {
            // The time to wait for more is over.
        }

        return taken;
    }
}
