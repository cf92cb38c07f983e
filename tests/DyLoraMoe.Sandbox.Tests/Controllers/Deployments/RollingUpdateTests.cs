using DyLoraMoe.Sandbox.Controllers.Deployments;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Deployments;

public class RollingUpdateTests
{
    private static readonly DateTime Old = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("25%", "25%", 4, 1, 1)]
    [InlineData("25%", "25%", 1, 1, 0)]
    [InlineData("1", "0", 3, 1, 0)]
    [InlineData("0", "0", 3, 0, 1)]
    [InlineData("50%", "50%", 3, 2, 1)]
    public void Shares_round_up_for_surge_and_down_for_unavailable(string surge, string unavailable, int replicas, int expectedSurge, int expectedUnavailable)
    {
        var deployment = new V1Deployment
        {
            Spec = new V1DeploymentSpec
            {
                Replicas = replicas,
                Strategy = new V1DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = surge, MaxUnavailable = unavailable } },
            },
        };

        Assert.Equal(new RollingUpdate(replicas, expectedSurge, expectedUnavailable), RollingUpdate.Of(deployment));
    }

    [Fact]
    public void The_new_set_grows_by_the_surge() =>
        Assert.Equal(1, new RollingUpdate(3, 1, 0).NewSize(Set("new", 0, 0), [Set("old", 3, 3)]));

    [Fact]
    public void The_new_set_waits_while_there_is_no_room() =>
        Assert.Equal(1, new RollingUpdate(3, 1, 0).NewSize(Set("new", 1, 0), [Set("old", 3, 3)]));

    [Fact]
    public void Old_pods_stay_until_new_ones_are_available() =>
        Assert.Equal(3, new RollingUpdate(3, 1, 0).OldSizes(Set("new", 1, 0), [Set("old", 3, 3)])["old"]);

    [Fact]
    public void An_old_pod_goes_for_each_new_one_that_is_available() =>
        Assert.Equal(2, new RollingUpdate(3, 1, 0).OldSizes(Set("new", 1, 1), [Set("old", 3, 3)])["old"]);

    [Fact]
    public void Unhealthy_old_pods_go_first()
    {
        var sizes = new RollingUpdate(3, 1, 1).OldSizes(Set("new", 1, 1), [Set("broken", 2, 0), Set("old", 2, 2)]);

        Assert.Equal(0, sizes["broken"]);
        Assert.Equal(1, sizes["old"]);
    }

    [Fact]
    public void A_change_of_size_is_spread_in_proportion()
    {
        var sizes = new RollingUpdate(10, 2, 0).Proportional([Set("new", 2, 2), Set("old", 4, 4)], 6);

        Assert.Equal(12, sizes.Values.Sum());
        Assert.True(sizes["old"] > sizes["new"]);
    }

    [Theory]
    [InlineData(3, 1, 0)]
    [InlineData(4, 1, 1)]
    [InlineData(5, 2, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(3, 0, 1)]
    public void A_rollout_ends_and_keeps_its_bounds_all_the_way(int replicas, int surge, int unavailable)
    {
        var rolling = new RollingUpdate(replicas, surge, unavailable);
        int current = 0, old = replicas;
        for (var step = 0; step < 4 * replicas && (current < replicas || old > 0); step++)
        {
            current = rolling.NewSize(Set("new", current, current), [Set("old", old, old)]);
            Assert.InRange(current + old, 0, rolling.MaxTotal);
            old = rolling.OldSizes(Set("new", current, current), [Set("old", old, old)])["old"];
            Assert.InRange(current + old, rolling.MinAvailable, rolling.MaxTotal);
        }

        Assert.Equal((replicas, 0), (current, old));
    }

    private static SetSize Set(string name, int replicas, int available) => new(name, replicas, available, Old);
}
