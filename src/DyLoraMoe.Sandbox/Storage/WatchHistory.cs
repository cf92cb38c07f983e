namespace DyLoraMoe.Sandbox.Storage;

/// <summary>The last writes to one collection, and who follows it.</summary>
internal sealed class WatchHistory(ulong from, int capacity)
{
    private readonly Queue<StoreEvent> _events = new();
    private readonly HashSet<Subscription> _subscribers = [];

    /// <summary>Writes up to this version can no longer be replayed.</summary>
    public ulong Forgotten { get; private set; } = from;

    /// <summary>Records a write and hands it to every subscriber.</summary>
    public void Add(StoreEvent change)
    {
        _events.Enqueue(change);
        Trim(capacity);
        foreach (Subscription subscriber in _subscribers)
        {
            subscriber.Push(change);
        }
    }

    /// <summary>Forgets all but the last <paramref name="keep"/> writes.</summary>
    public void Trim(int keep)
    {
        while (_events.Count > keep)
        {
            Forgotten = _events.Dequeue().Version;
        }
    }

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
