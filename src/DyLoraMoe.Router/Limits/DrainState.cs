namespace DyLoraMoe.Router.Limits;

/// <summary>Whether the server is on its way out, and who is still connected.</summary>
internal sealed class DrainState
{
    private volatile bool _isDraining;
    private int _connections;

    /// <summary>Set by the first signal, and for good.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Connections that are open, whether or not anything is asked over them.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Begins.</summary>
    public void Begin() => _isDraining = true;

    /// <summary>Counts a connection while it is open.</summary>
    public async Task CountAsync(Func<Task> connection)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await connection().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}
