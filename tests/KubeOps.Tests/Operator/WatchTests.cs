using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Tests.Fakes;

namespace KubeOps.Tests.Operator;

public sealed class WatchTests
{
    [Fact]
    public async Task Objects_there_from_the_start_and_later_ones_are_visited()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        await @operator.Client.CreateAsync(Thing.Named("later", 1));
        await Wait.UntilAsync(() => @operator.Visits.Saw("later", 1), "the later object is visited");

        await using var second = await TestOperator.StartAsync(server);
        await Wait.UntilAsync(() => second.Visits.Saw("later", 1), "the object that was there is visited");
    }

    [Fact]
    public async Task A_change_of_the_spec_is_visited_and_one_of_the_status_is_not()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a", 1));
        await Wait.UntilAsync(() => @operator.Visits.Saw("a", 1), "the first visit");

        thing.Status.Seen = 1;
        thing = await @operator.Client.UpdateStatusAsync(thing);
        await Wait.AMomentAsync();
        Assert.Equal(1, @operator.Visits.Of("a"));

        thing.Spec.Value = 2;
        await @operator.Client.UpdateAsync(thing);
        await Wait.UntilAsync(() => @operator.Visits.Saw("a", 2), "the visit after the change");
    }

    [Fact]
    public async Task By_resource_version_a_change_of_the_status_is_visited_too()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server, settings => settings.ReconcileStrategy = ReconcileStrategy.ByResourceVersion);
        var thing = await @operator.Client.CreateAsync(Thing.Named("a", 1));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the first visit");

        thing.Status.Seen = 7;
        await @operator.Client.UpdateStatusAsync(thing);
        await Wait.UntilAsync(() => @operator.Visits.Reconciled.Any(seen => seen.Status.Seen == 7), "the second visit");
    }

    [Fact]
    public async Task A_dropped_watch_goes_on_from_the_last_version_without_listing_again()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1 && server.WatchCount == 1, "the first visit");

        server.DropWatches();
        await @operator.Client.CreateAsync(Thing.Named("b"));

        await Wait.UntilAsync(() => @operator.Visits.Of("b") == 1, "an object made while the watch was down");
        Assert.Equal(1, server.Count("GET /apis/test.dev/v1/things?"));
        Assert.Equal(1, @operator.Visits.Of("a"));
    }

    [Fact]
    public async Task A_version_that_is_gone_leads_to_a_new_list_and_missed_deletions_are_found()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        await @operator.Client.CreateAsync(Thing.Named("stays"));
        await @operator.Client.CreateAsync(Thing.Named("goes"));
        await Wait.UntilAsync(() => @operator.Visits.Reconciled.Count == 2 && server.WatchCount == 1, "both are visited");

        server.RemoveSilently("things/default/goes");
        server.Compact();
        server.DropWatches();

        await Wait.UntilAsync(() => !@operator.Visits.Deleted.IsEmpty, "the deletion is found");
        Assert.Equal("goes", Assert.Single(@operator.Visits.Deleted).Metadata.Name);
        Assert.Equal(2, server.Count("GET /apis/test.dev/v1/things?"));
        Assert.Equal(1, @operator.Visits.Of("stays"));

        await @operator.Client.CreateAsync(Thing.Named("new"));
        await Wait.UntilAsync(() => @operator.Visits.Of("new") == 1, "the watch goes on after the list");
    }

    [Fact]
    public async Task Many_objects_are_listed_in_chunks()
    {
        await using var server = await FakeApiServer.StartAsync();
        for (var i = 0; i < 600; i++)
        {
            server.Add(Thing.Named($"t{i}", i));
        }

        await using var @operator = await TestOperator.StartAsync(server);
        await Wait.UntilAsync(() => @operator.Visits.Reconciled.Count == 600, "all are visited", seconds: 20);
        Assert.Equal(2, server.Count("GET /apis/test.dev/v1/things?"));
        Assert.Equal(600, @operator.Visits.Reconciled.DistinctBy(thing => thing.Metadata.Name).Count());
    }

    [Fact]
    public async Task A_bookmark_keeps_a_quiet_watch_from_listing_again()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server);
        await Wait.UntilAsync(() => server.WatchCount == 1, "the watch is open");

        server.Compact();
        server.SendBookmark("Thing");
        await Wait.AMomentAsync();
        server.DropWatches();
        await @operator.Client.CreateAsync(Thing.Named("a"));

        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the watch goes on from the bookmark");
        Assert.Equal(1, server.Count("GET /apis/test.dev/v1/things?"));
    }

    [Fact]
    public async Task A_server_that_fails_is_asked_again_until_it_answers()
    {
        await using var server = await FakeApiServer.StartAsync();
        server.FailNext("GET", "/things", status: 503, times: 3);
        await using var @operator = await TestOperator.StartAsync(server);
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => @operator.Visits.Of("a") == 1, "the visit, in spite of the failures");
    }

    [Fact]
    public async Task An_operator_of_one_namespace_sees_no_other()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, settings => settings.Namespace = "mine");
        await @operator.Client.CreateAsync(Thing.Named("other", @namespace: "yours"));
        await @operator.Client.CreateAsync(Thing.Named("own", @namespace: "mine"));
        await Wait.UntilAsync(() => @operator.Visits.Of("own") == 1, "the own object is visited");
        await Wait.AMomentAsync();
        Assert.Equal(0, @operator.Visits.Of("other"));
    }

    [Fact]
    public async Task A_label_selector_is_the_servers_to_apply()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(
            server, parts: add => add.AddControllerWithLabelSelector<ThingController, Thing, OnlyRed>());
        await @operator.Client.CreateAsync(Thing.Named("blue", color: "blue"));
        await @operator.Client.CreateAsync(Thing.Named("red", color: "red"));
        await Wait.UntilAsync(() => @operator.Visits.Of("red") == 1, "the red one is visited");
        await Wait.AMomentAsync();
        Assert.Equal(0, @operator.Visits.Of("blue"));
        Assert.Equal(1, server.Count("WATCH /apis/test.dev/v1/things?allowWatchBookmarks=true&labelSelector=color"));
    }

    private sealed class OnlyRed : IEntityLabelSelector<Thing>
    {
        public ValueTask<string?> GetLabelSelectorAsync(CancellationToken cancellationToken) => new("color=red");
    }
}
