namespace DyLoraMoe.Sandbox.Storage;

/// <summary>The last writes to one collection, and who follows it.</summary>
/// <param name="from">The version that it begins after.</param>
/// <param name="capacity">Most writes.</param>
/// <param name="mostBytes">Most bytes of the states that they made; the last write stays whatever its size.</param>
internal sealed class WatchHistory(ulong from, int capacity, long mostBytes)
{
    private readonly Queue<StoreEvent> _events = new();
    private readonly HashSet<Subscription> _subscribers = [];
    private long _bytes;

    /// <summary>Writes up to this version can no longer be replayed.</summary>
    public ulong Forgotten { get; private set; } = from;

    /// <summary>Records a write and hands it to every subscriber.</summary>
    public void Add(StoreEvent change)
    {
        _events.Enqueue(change);
        _bytes += BytesOf(change);
        Trim(capacity);
        foreach (Subscription subscriber in _subscribers)
        {
            subscriber.Push(change);
        }
    }

    /// <summary>Forgets all but the last <paramref name="keep"/> writes.</summary>
    public void Trim(int keep)
    {
        while (_events.Count > keep || (_events.Count > 1 && _bytes > mostBytes))
        {
            StoreEvent gone = _events.Dequeue();
            Forgotten = gone.Version;
            _bytes -= BytesOf(gone);
        }
    }

    private static long BytesOf(StoreEvent change) => (change.Current ?? change.Last)?.Utf8.Length ?? 0;

    /// <summary>Adds a subscriber and hands it what came after <paramref name="version"/>.</summary>
    public void Add(Subscription subscriber, ulong version)
    {
        foreach (StoreEvent change in _events)
        {
            if (change.Version > version)
            {
                subscriber.Push(change);
            }
        }

        _subscribers.Add(subscriber);
    }

    /// <summary>Removes a subscriber.</summary>
    public void Remove(Subscription subscriber) => _subscribers.Remove(subscriber);

    /// <summary>Ends every subscription.</summary>
    public void End()
    {
        foreach (Subscription subscriber in _subscribers)
        {
            subscriber.End();
        }
    }
}
