using System.Diagnostics.CodeAnalysis;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Sequences that wait for a slot: first come, first served within a client, and the clients in turn, so that one who sends a thousand
/// delays the others by one. Any number of threads may use it.
/// </summary>
/// <param name="limit">Most sequences that wait.</param>
internal sealed class FairQueue(int limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<Sequence>> _clients = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private int _count;

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes in sequences of one client, all or none.</summary>
    /// <returns>False when there is no room for all of them.</returns>
    public bool TryAdd(IReadOnlyCollection<Sequence> sequences)
    {
        lock (_lock)
        {
            if (_count + sequences.Count > limit)
            {
                return false;
            }

            foreach (var sequence in sequences)
            {
                if (!_clients.TryGetValue(sequence.Client, out var queue))
                {
                    _clients[sequence.Client] = queue = new Queue<Sequence>();
                    _turns.Enqueue(sequence.Client);
                }

                queue.Enqueue(sequence);
                _count++;
            }

            return true;
        }
    }

    /// <summary>The next one.</summary>
    public bool TryTake([NotNullWhen(true)] out Sequence? sequence)
    {
        lock (_lock)
        {
            if (!_turns.TryDequeue(out var client))
            {
                sequence = null;
                return false;
            }

            var queue = _clients[client];
            sequence = queue.Dequeue();
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

    /// <summary>Takes out all that a condition holds for.</summary>
    public IReadOnlyList<Sequence> RemoveWhere(Func<Sequence, bool> condition)
    {
        List<Sequence> removed = [];
        lock (_lock)
        {
            foreach (var (client, queue) in _clients.ToList())
            {
                if (queue.Any(condition))
                {
                    removed.AddRange(queue.Where(condition));
                    Replace(client, new Queue<Sequence>(queue.Where(sequence => !condition(sequence))));
                }
            }

            _count -= removed.Count;
        }

        return removed;
    }

    private void Replace(string client, Queue<Sequence> queue)
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
