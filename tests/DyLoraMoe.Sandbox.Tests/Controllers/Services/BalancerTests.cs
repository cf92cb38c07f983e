using System.Net;
using DyLoraMoe.Sandbox.Controllers.Services;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Services;

public class BalancerTests
{
    private static readonly IPEndPoint One = new(IPAddress.Loopback, 1);
    private static readonly IPEndPoint Two = new(IPAddress.Loopback, 2);

    [Fact]
    public void Ready_backends_take_turns()
    {
        var balancer = new Balancer();
        balancer.Set([new Backend(One, true, true), new Backend(Two, true, true)]);

        Assert.NotEqual(balancer.Order().First(), balancer.Order().First());
        Assert.Equal([One, Two], balancer.Order().OrderBy(address => address.Port));
    }

    [Fact]
    public void Only_ready_backends_are_tried()
    {
        var balancer = new Balancer();
        balancer.Set([new Backend(One, false, true), new Backend(Two, true, true)]);

        Assert.Equal([Two], balancer.Order());
    }

    [Fact]
    public void Backends_that_end_serve_when_none_is_ready()
    {
        var balancer = new Balancer();
        balancer.Set([new Backend(One, false, true), new Backend(Two, false, false)]);

        Assert.Equal([One], balancer.Order());
    }

    [Fact]
    public void Without_backends_there_is_nothing_to_try() => Assert.Empty(new Balancer().Order());
}
