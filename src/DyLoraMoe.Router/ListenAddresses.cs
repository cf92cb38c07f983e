using System.Net;
using System.Net.Sockets;

namespace DyLoraMoe.Router;

/// <summary>
/// Where the server listens: where it was told to, and on the loopback address too when that is another. A kubelet forwards ports to the loopback
/// address of a pod, so a server that listens on the pod's own address alone could not be reached by <c>kubectl port-forward</c>.
/// </summary>
internal static class ListenAddresses
{
    /// <summary>The addresses. The loopback address is left out where it is covered already, where another program has the port, and for a port of the system's choice.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="port">The port; 0 for any.</param>
    public static IReadOnlyList<IPAddress> Of(IPAddress address, int port)
    {
        var loopback = address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        return port == 0 || IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || !IsFree(loopback, port)
            ? [address]
            : [address, loopback];
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var probe = new TcpListener(address, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
