using System.Diagnostics.CodeAnalysis;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// What waits for the engine: first come, first served within a client, and the clients in turn, so that one who sends a thousand
/// delays the others by one. A quarter of the places is for others than the client who has the rest. Any number of threads may use it.
/// </summary>
/// <param name="limit">Most that wait.</param>
/// <param name="time">The clock.</param>
internal sealed class FairQueue<T>(int limit, TimeProvider time)
    where T : IQueued
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<T>> _clients = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private readonly Departures _taken = new(time);
    private int _count;
    private bool _isClosed;

    /// <summary>Most that wait of one client.</summary>
    public int MostOfOne { get; } = limit - (limit / 4);

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes in what one client sends, all or none.</summary>
    /// <exception cref="QueueFullException">There is no room for all of it, or not for one client.</exception>
    /// <exception cref="EngineStoppedException">The queue is closed.</exception>
    public void Add(IReadOnlyCollection<T> items)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new EngineStoppedException();
            }

            if (_count + items.Count > limit)
            {
                throw new QueueFullException(_count, isShare: false, _taken.TimeFor(_count));
            }

            if (items.GroupBy(item => item.Client).FirstOrDefault(own => Waiting(own.Key) + own.Count() > MostOfOne) is { Key: var client })
            {
                // Of all that leave, as many are this client's as it has turns.
                var own = Waiting(client);
                throw new QueueFullException(own, isShare: true, _taken.TimeFor(Math.Min(_count, own * _turns.Count)));
            }

            foreach (var item in items)
            {
                if (!_clients.TryGetValue(item.Client, out var queue))
                {
                    _clients[item.Client] = queue = new Queue<T>();
                    _turns.Enqueue(item.Client);
                }

                queue.Enqueue(item);
                _count++;
            }
        }
    }

    /// <summary>The next one.</summary>
    public bool TryTake([NotNullWhen(true)] out T? item) => TryTake(_ => true, out item);

    /// <summary>The next one, if it may come; otherwise it stays the next.</summary>
    public bool TryTake(Func<T, bool> mayCome, [NotNullWhen(true)] out T? item)
    {
        lock (_lock)
        {
            item = default;
            if (!_turns.TryPeek(out var client) || !mayCome(_clients[client].Peek()))
            {
                return false;
            }

            var queue = _clients[client];
            _turns.Dequeue();
            item = queue.Dequeue();
            _taken.Add();
            _count--;
            if (queue.Count > 0)
            {
                _turns.Enqueue(client);
            }
            else
            {
                _clients.Remove(client);
            }

            return true;
        }
    }

    /// <summary>Takes out all that a condition holds for. It is asked once of each, since its answer may change meanwhile.</summary>
    public IReadOnlyList<T> RemoveWhere(Func<T, bool> condition)
    {
        List<T> removed = [];
        lock (_lock)
        {
            foreach (var (client, queue) in _clients.ToList())
            {
                var (before, kept) = (removed.Count, new Queue<T>());
                foreach (var item in queue)
                {
                    if (condition(item))
                    {
                        removed.Add(item);
                    }
                    else
                    {
                        kept.Enqueue(item);
                    }
                }

                if (removed.Count > before)
                {
                    Replace(client, kept);
                }
            }

            _count -= removed.Count;
        }

        return removed;
    }

    /// <summary>Takes out all that waits; nothing is taken in any more.</summary>
    public IReadOnlyList<T> Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            return RemoveWhere(_ => true);
        }
    }

    private int Waiting(string client) => _clients.TryGetValue(client, out var queue) ? queue.Count : 0;

    private void Replace(string client, Queue<T> queue)
    {
        if (queue.Count > 0)
        {
            _clients[client] = queue;
            return;
        }

        _clients.Remove(client);
        for (var turns = _turns.Count; turns > 0; turns--)
        {
            var turn = _turns.Dequeue();
            if (turn != client)
            {
                _turns.Enqueue(turn);
            }
        }
    }
}

/// <summary>Something that waits its turn.</summary>
internal interface IQueued
{
    /// <summary>Whose it is.</summary>
    string Client { get; }
}
