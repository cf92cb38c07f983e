using System.Threading.Channels;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>
/// Keys that wait for work. A key is handed out to one worker at a time; one added while it is worked on is handed out
/// again afterwards; one added twice before that is handed out once. Keys can be added for later, and failures back off.
/// </summary>
internal sealed class WorkQueue<TKey>(TimeProvider time) : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _working = [];
    private readonly Dictionary<TKey, (DateTimeOffset Due, ITimer Timer)> _later = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private bool _disposed;

    /// <summary>How many keys wait or are worked on now, those for later not counted.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
            {
                return _dirty.Count + _working.Count;
            }
        }
    }

    public void Add(TKey key)
    {
        lock (_gate)
        {
            if (_dirty.Add(key) && !_working.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds the key after a while. Of several such wishes for a key the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_gate)
        {
            var due = time.GetUtcNow() + delay;
            if (_disposed || (_later.TryGetValue(key, out var known) && known.Due <= due))
            {
                return;
            }

            known.Timer?.Dispose();
            _later[key] = (due, time.CreateTimer(_ => Fire(key, due), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Adds the key after a delay that doubles with each failure in a row.</summary>
    public void Retry(TKey key)
    {
        int failures;
        lock (_gate)
        {
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }

        AddAfter(key, TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 20))));
    }

    /// <summary>Ends a run of failures.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            _failures.Remove(key);
        }
    }

    public async ValueTask<TKey> TakeAsync(CancellationToken cancellation)
    {
        var key = await _ready.Reader.ReadAsync(cancellation);
        lock (_gate)
        {
            _dirty.Remove(key);
            _working.Add(key);
        }

        return key;
    }

    public void Done(TKey key)
    {
        lock (_gate)
        {
            _working.Remove(key);
            if (_dirty.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var (_, timer) in _later.Values)
            {
                timer.Dispose();
            }

            _later.Clear();
        }
    }

    private void Fire(TKey key, DateTimeOffset due)
    {
        lock (_gate)
        {
            if (!_later.TryGetValue(key, out var known) || known.Due != due)
            {
                return;
            }

            known.Timer.Dispose();
            _later.Remove(key);
        }

        Add(key);
    }
}
