using System.Net;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>A backend of a Service's port.</summary>
internal sealed record Backend(IPEndPoint Address, bool Ready, bool Serving);

/// <summary>
/// The order in which a new connection tries the backends: round robin over the ready ones; when none is ready, over those
/// that still serve while they end.
/// </summary>
internal sealed class Balancer
{
    private volatile IReadOnlyList<IPEndPoint> _backends = [];
    private int _turn;

    public int Count => _backends.Count;

    public void Set(IEnumerable<Backend> backends)
    {
        var known = backends.ToList();
        var ready = known.Where(backend => backend.Ready).ToList();
        _backends = [.. (ready.Count > 0 ? ready : known.Where(backend => backend.Serving)).Select(backend => backend.Address).Distinct()];
    }

    public IEnumerable<IPEndPoint> Order()
    {
        var backends = _backends;
        if (backends.Count == 0)
        {
            yield break;
        }

        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)backends.Count);
        for (var step = 0; step < backends.Count; step++)
        {
            yield return backends[(first + step) % backends.Count];
        }
    }
}
