using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Result = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Fakes.Thing>;

namespace KubeOps.Tests.Operator;

public sealed class VisitTests
{
    [Fact]
    public async Task An_object_is_visited_once_at_a_time_and_last_in_its_latest_state()
    {
        var (running, most, overlaps) = (0, 0, 0);
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, visits: visits =>
            visits.OnReconcile = async (thing, cancellationToken) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                overlaps += running > 1 ? 1 : 0;
                await Task.Delay(30, cancellationToken);
                Interlocked.Decrement(ref running);
                return Result.Success(thing);
            });
        var thing = await @operator.Client.CreateAsync(Thing.Named("a", 0));
        for (var value = 1; value <= 40; value++)
        {
            thing.Spec.Value = value;
            thing = await @operator.Client.UpdateAsync(thing);
            await Task.Delay(5);
        }

        await Wait.UntilAsync(() => @operator.Visits.Saw("a", 40), "the last state is visited");
        Assert.Equal(0, overlaps);
        Assert.Equal(1, most);
        Assert.True(@operator.Visits.Of("a") < 41, "changes during a visit lead to one visit after it");
    }

    [Fact]
    public async Task Several_objects_are_visited_at_once_up_to_the_bound()
    {
        var running = 0;
        var most = 0;
        var @lock = new Lock();
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server,
            settings => settings.ParallelReconciliation.MaxParallelReconciliations = 3,
            visits: visits => visits.OnReconcile = async (thing, cancellationToken) =>
            {
                lock (@lock)
                {
                    most = Math.Max(most, ++running);
                }

                await Task.Delay(50, cancellationToken);
                lock (@lock)
                {
                    running--;
                }

                return Result.Success(thing);
            });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => @operator.Client.CreateAsync(Thing.Named($"t{i}"))));
        await Wait.UntilAsync(() => @operator.Visits.Reconciled.Count == 12, "all are visited");
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Nothing_is_lost_where_visits_fail()
    {
        const int Objects = 30;
        var random = new Random(17);
        var done = new HashSet<string>();
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server,
            settings => settings.ParallelReconciliation.MaxErrorRetries = 30,
            visits: visits => visits.OnReconcile = (thing, _) =>
            {
                lock (done)
                {
                    if (random.NextDouble() < 0.5)
                    {
                        throw new InvalidOperationException("bad luck");
                    }

                    done.Add(thing.Metadata.Name);
                    return Task.FromResult(Result.Success(thing));
                }
            });
        for (var i = 0; i < Objects; i++)
        {
            await @operator.Client.CreateAsync(Thing.Named($"t{i}"));
        }

        await Wait.UntilAsync(() => done.Count == Objects, "all objects succeed in the end");
    }

    [Fact]
    public async Task Retries_wait_twice_as_long_each_time()
    {
        var times = new List<long>();
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server,
            settings => settings.ParallelReconciliation.ErrorBackoffBase = TimeSpan.FromMilliseconds(50),
            visits: visits => visits.OnReconcile = (thing, _) =>
            {
                times.Add(TimeProvider.System.GetTimestamp());
                return times.Count < 4 ? throw new InvalidOperationException("no") : Task.FromResult(Result.Success(thing));
            });
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => times.Count == 4, "the fourth visit succeeds");
        var waits = times.Zip(times.Skip(1), TimeProvider.System.GetElapsedTime).ToList();
        Assert.True(waits[0] >= TimeSpan.FromMilliseconds(49), $"first {waits[0]}");
        Assert.True(waits[1] >= TimeSpan.FromMilliseconds(99), $"second {waits[1]}");
        Assert.True(waits[2] >= TimeSpan.FromMilliseconds(199), $"third {waits[2]}");
    }

    [Fact]
    public async Task A_visit_that_has_failed_too_often_is_given_up_until_the_object_changes()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server,
            settings => settings.ParallelReconciliation.MaxErrorRetries = 2,
            visits: visits => visits.OnReconcile = (thing, _) => throw new InvalidOperationException("no"));
        var thing = await @operator.Client.CreateAsync(Thing.Named("a", 0));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 3, "a visit and two more");
        await Wait.AMomentAsync();
        Assert.Equal(3, @operator.Visits.Of("a"));

        thing.Spec.Value = 1;
        await @operator.Client.UpdateAsync(thing);
        await Wait.UntilAsync(() => @operator.Visits.Of("a") > 3, "a visit in the new state");
    }

    [Fact]
    public async Task A_controller_names_the_next_visit_and_a_failure_that_names_none_has_none()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, visits: visits =>
            visits.OnReconcile = (thing, _) => Task.FromResult(thing.Metadata.Name == "again" && visits.Of("again") < 3
                ? Result.Success(thing, TimeSpan.FromMilliseconds(50))
                : Result.Failure(thing, "stalled")));
        await @operator.Client.CreateAsync(Thing.Named("again"));
        await @operator.Client.CreateAsync(Thing.Named("stalled"));
        await Wait.UntilAsync(() => @operator.Visits.Of("again") == 3, "three visits");
        await Wait.AMomentAsync();
        Assert.Equal(3, @operator.Visits.Of("again"));
        Assert.Equal(1, @operator.Visits.Of("stalled"));
    }

    [Fact]
    public async Task A_deleted_object_is_told_once()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a", 5));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit");
        await @operator.Client.DeleteAsync(thing);
        await Wait.UntilAsync(() => !@operator.Visits.Deleted.IsEmpty, "the deletion");
        await Wait.AMomentAsync();
        Assert.Equal(5, Assert.Single(@operator.Visits.Deleted).Spec.Value);
        Assert.Equal(1, @operator.Visits.Of("a"));
    }

    [Fact]
    public async Task Others_wake_an_object_through_its_queue_by_name_alone()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        await @operator.Client.CreateAsync(Thing.Named("a", 3));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the first visit");

        var queue = @operator.Services.GetRequiredService<EntityQueue<Thing>>();
        var isQueued = await queue(
            Thing.Named("a", 99),
            ReconciliationType.Modified,
            ReconciliationTriggerSource.Operator,
            TimeSpan.Zero,
            retryCount: 0,
            CancellationToken.None);

        Assert.True(isQueued);
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 2, "the second visit");
        Assert.False(@operator.Visits.Saw("a", 99), "the state comes from the server");
    }

    [Fact]
    public async Task Stopping_cancels_the_visit_under_way_and_waits_for_its_end()
    {
        var isOver = false;
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, visits: visits =>
            visits.OnReconcile = async (thing, cancellationToken) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    await Task.Delay(50, CancellationToken.None);
                    isOver = true;
                }

                return Result.Success(thing);
            });
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit begins");
        await @operator.StopAsync();
        Assert.True(isOver);
    }
}
