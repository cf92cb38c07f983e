using System.Net.WebSockets;
using DyLoraMoe.Kubectl.Cluster;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>The way to one of a router's pods, and to another one when a roll has taken that.</summary>
/// <param name="choose">Finds a pod that can be asked.</param>
/// <param name="open">Opens a connection to one.</param>
internal sealed class PodWay(Func<CancellationToken, Task<V1Pod>> choose, Func<V1Pod, CancellationToken, Task<Stream>> open)
{
    private V1Pod? _pod;

    /// <summary>Finds the pod that connections go to.</summary>
    public async Task<V1Pod> ChooseAsync(CancellationToken cancellation) => _pod = await choose(cancellation).ConfigureAwait(false);

    /// <summary>A connection to it.</summary>
    public async Task<Stream> OpenAsync(CancellationToken cancellation)
    {
        var pod = _pod ?? await ChooseAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await open(pod, cancellation).ConfigureAwait(false);
        }
        catch (WebSocketException error) when (error.IsPodGone())
        {
            return await open(await ChooseAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
    }
}
