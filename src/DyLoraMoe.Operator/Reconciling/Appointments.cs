using System.Collections.Concurrent;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>
/// When each object is to be visited next, beside the queue that sees to it. KubeOps gives a visit up whose object could not be read a few times in a row, and
/// an object of which no watch tells would then never be looked at again.
/// </summary>
internal sealed class Appointments(TimeProvider clock)
{
    // What is late by less has only to wait for its turn, or for KubeOps' own tries.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Kind, ObjectKey Key), DateTimeOffset> _due = new();

    /// <summary>A visit has ended, and the next is in a while; null when the object wants none.</summary>
    public void Make(string kind, ObjectKey key, TimeSpan? after)
    {
        if (after is { } time)
        {
            _due[(kind, key)] = clock.GetUtcNow() + time;
        }
        else
        {
            _due.TryRemove((kind, key), out _);
        }
    }

    /// <summary>Objects that should have been visited long ago; each is told again after a while. One that was never visited is expected to be from the first time on.</summary>
    /// <param name="known">All objects that there are.</param>
    public IReadOnlyList<(string Kind, ObjectKey Key)> Missed(IEnumerable<(string Kind, ObjectKey Key)> known)
    {
        var now = clock.GetUtcNow();
        var all = known.ToHashSet();
        foreach (var gone in _due.Keys.Where(each => !all.Contains(each)))
        {
            _due.TryRemove(gone, out _);
        }

        List<(string Kind, ObjectKey Key)> missed = [];
        foreach (var each in all)
        {
            // A visit that ends meanwhile makes a newer one.
            if (_due.GetOrAdd(each, now) is var due && now - due >= _patience && _due.TryUpdate(each, now, due))
            {
                missed.Add(each);
            }
        }

        return missed;
    }
}
