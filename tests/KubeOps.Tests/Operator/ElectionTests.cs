using System.Diagnostics;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Tests.Fakes;

namespace KubeOps.Tests.Operator;

public sealed class ElectionTests
{
    [Fact]
    public async Task One_of_two_instances_leads_and_the_other_takes_over_at_once_when_it_stops()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var first = await TestOperator.StartAsync(server, Elect);
        await Wait.UntilAsync(() => Holder(server) is not null, "the first leads");
        var holder = Holder(server);
        await using var second = await TestOperator.StartAsync(server, Elect);
        await first.Client.CreateAsync(Thing.Named("a"));
        await Wait.UntilAsync(() => first.Visits.Of("a") == 1, "the leader's visit");
        await Wait.AMomentAsync();
        Assert.Equal(0, second.Visits.Of("a"));
        Assert.Equal(holder, Holder(server));

        var started = Stopwatch.GetTimestamp();
        await first.StopAsync();

        await Wait.UntilAsync(() => second.Visits.Of("a") == 1, "the follower takes over");
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(4), "the lease was given back");
        Assert.NotEqual(holder, Holder(server));
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_its_work()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, Elect);
        await Wait.UntilAsync(() => server.WatchCount == 1, "the leader watches");

        server.FailNext("GET", "/leases/", status: 500, times: 1000);

        await Wait.UntilAsync(() => server.WatchCount == 0, "it stops watching");
        await @operator.Client.CreateAsync(Thing.Named("a"));
        await Wait.AMomentAsync();
        Assert.Equal(0, @operator.Visits.Of("a"));
    }

    [Fact]
    public async Task A_lease_of_an_instance_that_died_is_taken_over_once_it_has_run_out()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var client = new Kubernetes(server.Configuration);
        await client.CoordinationV1.CreateNamespacedLeaseAsync(
            new V1Lease
            {
                ApiVersion = "coordination.k8s.io/v1",
                Kind = "Lease",
                Metadata = new V1ObjectMeta { Name = "test-operator-leader", NamespaceProperty = "default" },
                Spec = new V1LeaseSpec
                {
                    HolderIdentity = "dead",
                    AcquireTime = DateTime.UnixEpoch,
                    RenewTime = DateTime.UnixEpoch,
                    LeaseDurationSeconds = 2,
                },
            },
            "default");

        var started = Stopwatch.GetTimestamp();
        await using var @operator = await TestOperator.StartAsync(server, settings =>
        {
            Elect(settings);
            settings.LeaderElectionLeaseDuration = TimeSpan.FromSeconds(2);
        });
        await Wait.UntilAsync(() => Holder(server) != "dead", "the lease is taken over");

        // The clock of the dead is not trusted: a lease that was seen just now is waited for.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 2, 6);
        await Wait.UntilAsync(() => server.WatchCount == 1, "the new leader watches");
    }

    [Fact]
    public void By_default_a_leader_that_died_is_replaced_within_twenty_seconds()
    {
        var settings = new OperatorSettingsBuilder().Build();

        // A follower sees the lease run out one period after it at the latest.
        Assert.True(settings.LeaderElectionLeaseDuration + (2 * settings.LeaderElectionRetryPeriod) < TimeSpan.FromSeconds(20));
        Assert.True(settings.LeaderElectionRenewDeadline < settings.LeaderElectionLeaseDuration);
    }

    private static void Elect(OperatorSettingsBuilder settings)
    {
        settings.LeaderElectionType = LeaderElectionType.Single;
        settings.LeaderElectionLeaseDuration = TimeSpan.FromSeconds(6);
        settings.LeaderElectionRenewDeadline = TimeSpan.FromSeconds(1);
        settings.LeaderElectionRetryPeriod = TimeSpan.FromMilliseconds(100);
    }

    private static string? Holder(FakeApiServer server) =>
        (string?)server.Find("leases/default/test-operator-leader")?["spec"]?["holderIdentity"];
}
