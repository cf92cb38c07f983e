using System.Net;
using System.Net.Sockets;

namespace DyLoraMoe.Router.Tests;

/// <summary>A pod's own address is not where a kubelet forwards ports to.</summary>
public sealed class ListenAddressesTests
{
    private static readonly IPAddress _pod = IPAddress.Parse("10.1.2.3");
    private static readonly IPAddress _podOfVersion6 = IPAddress.Parse("fd00::7");

    [Fact]
    public void Beside_a_pods_address_the_server_listens_on_loopback()
    {
        var port = FreePort();

        Assert.Equal([_pod, IPAddress.Loopback], ListenAddresses.Of(_pod, port));
        Assert.Equal(_podOfVersion6, ListenAddresses.Of(_podOfVersion6, port)[0]);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void An_address_that_is_loopback_or_covers_it_is_the_only_one(string address) =>
        Assert.Equal([IPAddress.Parse(address)], ListenAddresses.Of(IPAddress.Parse(address), FreePort()));

    [Fact]
    public void A_loopback_port_that_another_program_has_is_left_to_it()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        Assert.Equal([_pod], ListenAddresses.Of(_pod, ((IPEndPoint)other.LocalEndpoint).Port));
        Assert.Equal([_pod], ListenAddresses.Of(_pod, 0));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
