namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// Whether what a watch keeps is what there is: after a list, while the watch is open, and for a moment after it ended, since watches end all the time and
/// are open again within it.
/// </summary>
internal sealed class Freshness(TimeProvider clock)
{
    /// <summary>How long what was seen last still counts.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>How long a list counts: until the next, where a watch does not get through and lists do.</summary>
    public static readonly TimeSpan ListGrace = TimeSpan.FromSeconds(10);

    /// <summary>How long a watch takes to tell what it missed, when it missed more than a moment.</summary>
    public static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();

    // All that there was at that time is known.
    private long? _knownAt;
    private long? _listedAt;
    private long? _openedAt;

    /// <summary>Whether it is.</summary>
    public bool IsCurrent
    {
        get
        {
            lock (_gate)
            {
                return (_openedAt is { } opened && clock.GetElapsedTime(opened) >= CatchUp) || IsWithin(_knownAt, Grace) || IsWithin(_listedAt, ListGrace);
            }
        }
    }

    /// <summary>A list came in.</summary>
    public void Listed()
    {
        lock (_gate)
        {
            _listedAt = clock.GetTimestamp();
        }
    }

    /// <summary>The server has agreed to tell what changes.</summary>
    public void Opened()
    {
        lock (_gate)
        {
            _openedAt = clock.GetTimestamp();
        }
    }

    /// <summary>It tells no more.</summary>
    public void Ended()
    {
        lock (_gate)
        {
            if (_openedAt is { } opened && clock.GetElapsedTime(opened) >= CatchUp)
            {
                _knownAt = clock.GetTimestamp();
            }

            _openedAt = null;
        }
    }

    private bool IsWithin(long? since, TimeSpan time) => since is { } known && clock.GetElapsedTime(known) <= time;
}
