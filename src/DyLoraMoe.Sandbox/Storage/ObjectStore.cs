using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>
/// Every object of the sandbox, in memory and in one log. A write is acknowledged, and seen by readers and watchers,
/// only when it is on the disk; writes that arrive while the disk is busy share the next sync.
/// </summary>
internal sealed partial class ObjectStore : IAsyncDisposable
{
    private const long SmallestCompaction = 16 << 20;
    private const long HistoryBytes = 32 << 20;

    private readonly Lock _writing = new();
    private readonly Lock _publishing = new();
    private readonly Dictionary<ObjectKey, StoredObject> _head = [];
    private readonly Dictionary<string, WatchHistory> _histories = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly WriteLog _log;
    private readonly int _watchHistory;
    private readonly long _historyBytes;
    private readonly ulong _startVersion;
    private readonly Task _committer;
    private List<Pending> _queue = [];
    private ulong _version;
    private StoreView _view;
    private long _liveBytes;
    private long _compactAbove = SmallestCompaction;
    private bool _closed;
    private Exception? _failure;

    /// <summary>Opens the store in <paramref name="folder"/>, made when it does not exist.</summary>
    /// <param name="folder">The folder of the log.</param>
    /// <param name="watchHistory">How many writes of each collection can be replayed to a watcher that comes back.</param>
    /// <param name="historyBytes">How many bytes of them at most: sets of many experts are large.</param>
    public ObjectStore(string folder, int watchHistory = 10_000, long historyBytes = HistoryBytes)
    {
        Directory.CreateDirectory(folder);
        (_watchHistory, _historyBytes) = (watchHistory, historyBytes);
        _log = WriteLog.Open(Path.Combine(folder, "objects.log"), Replay);
        _startVersion = _version;
        _view = StoreView.Empty;
        foreach (StoredObject item in _head.Values)
        {
            _view = _view.With(new StoreEvent(item.Version, item.Key, null, item, null));
        }

        _view = _view.At(_version);
        _committer = Task.Factory.StartNew(CommitLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Who is told of what goes wrong.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>What is durable now.</summary>
    public StoreView View => Volatile.Read(ref _view);

    /// <summary>The version up to which every subscription holds all events.</summary>
    public ulong PublishedVersion
    {
        get
        {
            lock (_publishing)
            {
                return _view.Version;
            }
        }
    }

    /// <summary>Called, in order, with each write after it became visible and before it is acknowledged.</summary>
    public event Action<StoreEvent>? Published;

    /// <summary>The newest state of an object, durable or about to be: what the next write must build on.</summary>
    public StoredObject? Latest(ObjectKey key)
    {
        lock (_writing)
        {
            return _head.GetValueOrDefault(key);
        }
    }

    /// <summary>
    /// Writes an object (or removes it, when <paramref name="value"/> is null) if it is still at version
    /// <paramref name="expected"/>, 0 meaning absent. The result is null when it is not.
    /// </summary>
    public async Task<StoredObject?> WriteAsync(ObjectKey key, ulong expected, JsonObject? value)
    {
        Pending pending;
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_failure is not null)
            {
                throw new IOException($"the store stopped after a failed write: {_failure.Message}", _failure);
            }

            StoredObject? before = _head.GetValueOrDefault(key);
            if ((before?.Version ?? 0) != expected)
            {
                return null;
            }

            pending = Change(key, before, value);
            _queue.Add(pending);
        }

        _wake.Release();
        await pending.Done.Task.ConfigureAwait(false);
        return pending.Event.Current ?? pending.Event.Last;
    }

    /// <summary>Follows a collection from just after <paramref name="version"/>; null means from now.</summary>
    /// <returns>False when the writes since that version are no longer known.</returns>
    public bool TrySubscribe(string collection, ulong? version, [NotNullWhen(true)] out Subscription? subscription, out ulong forgotten)
    {
        lock (_publishing)
        {
            WatchHistory history = History(collection);
            forgotten = history.Forgotten;
            if (version < history.Forgotten)
            {
                subscription = null;
                return false;
            }

            subscription = new Subscription(_view, Leave);
            history.Add(subscription, version ?? _view.Version);
            return true;

            void Leave(Subscription gone)
            {
                lock (_publishing)
                {
                    history.Remove(gone);
                }
            }
        }
    }

    /// <summary>Forgets the writes of the past, as compaction does in a real cluster: who comes back with an older version must list again.</summary>
    public void ForgetHistory()
    {
        lock (_publishing)
        {
            foreach (WatchHistory history in _histories.Values)
            {
                history.Trim(0);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_writing)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _wake.Release();
        await _committer.ConfigureAwait(false);
        lock (_publishing)
        {
            foreach (WatchHistory history in _histories.Values)
            {
                history.End();
            }
        }

        _log.Dispose();
        _wake.Dispose();
    }

    private void Replay(LogRecord record)
    {
        if (_head.Remove(record.Key, out StoredObject? before))
        {
            _liveBytes -= before.Utf8.Length;
        }

        if (record.Value is not null)
        {
            _head[record.Key] = new StoredObject(record.Key, record.Version, record.Value);
            _liveBytes += record.Value.Length;
        }

        _version = Math.Max(_version, record.Version);
    }

    private Pending Change(ObjectKey key, StoredObject? before, JsonObject? value)
    {
        ulong version = ++_version;
        JsonObject state = value ?? before?.Parse() ?? throw new InvalidOperationException($"expected {key} to be there, so that it can be removed");
        state.Ensure("metadata")["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        StoredObject after = new(key, version, JsonText.Canonical(state));
        _liveBytes -= before?.Utf8.Length ?? 0;
        if (value is null)
        {
            _head.Remove(key);
            return new Pending(new StoreEvent(version, key, before, null, after));
        }

        _head[key] = after;
        _liveBytes += after.Utf8.Length;
        return new Pending(new StoreEvent(version, key, before, after, null));
    }

    private void CommitLoop()
    {
        while (true)
        {
            _wake.Wait();
            List<Pending> batch;
            bool closing;
            lock (_writing)
            {
                (batch, _queue) = (_queue, []);
                closing = _closed;
            }

            if (batch.Count > 0)
            {
                try
                {
                    Commit(batch);
                }
                catch (Exception error)
                {
                    Stop(batch, error);
                    return;
                }
            }
            else if (closing)
            {
                return;
            }
        }
    }

    /// <summary>Takes no write any more, and tells those who wait: what is on the disk may not be what was meant to be.</summary>
    private void Stop(List<Pending> batch, Exception error)
    {
        lock (_writing)
        {
            _failure = error;
            batch.AddRange(_queue);
            _queue = [];
        }

        LogStopped(Logger, error);
        batch.ForEach(pending => pending.Done.TrySetException(error));
    }

    private void Commit(List<Pending> batch)
    {
        _log.Append([.. batch.Select(pending => new LogRecord(pending.Event.Version, pending.Event.Key, pending.Event.Current?.Utf8))]);
        foreach (Pending pending in batch)
        {
            lock (_publishing)
            {
                Volatile.Write(ref _view, _view.With(pending.Event));
                History(pending.Event.Key.Collection).Add(pending.Event);
            }

            Published?.Invoke(pending.Event);
            pending.Event.Previous?.Supersede();
            pending.Event.Last?.Supersede();
            pending.Done.SetResult();
        }

        CompactWhenWorthIt();
    }

    /// <summary>Rewrites the log when most of it is past. Writers that come meanwhile wait in the queue.</summary>
    private void CompactWhenWorthIt()
    {
        if (_log.Length <= _compactAbove || _log.Length <= 4 * Interlocked.Read(ref _liveBytes))
        {
            return;
        }

        StoreView view = View;
        List<LogRecord> live = [.. view.Collections.SelectMany(collection => view.List(collection)).OrderBy(item => item.Version).Select(item => new LogRecord(item.Version, item.Key, item.Utf8))];
        live.Add(new LogRecord(view.Version, new ObjectKey("", "", "version"), null));
        try
        {
            _log.Replace(live);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The old log has all; a new one is tried once as much has been written again as makes it worth it.
            _compactAbove = _log.Length + SmallestCompaction;
            LogNotCompacted(Logger, _log.Length >> 20, error.Message);
            return;
        }

        _compactAbove = SmallestCompaction;
        _log.Settle();
    }

    private WatchHistory History(string collection)
    {
        if (!_histories.TryGetValue(collection, out WatchHistory? history))
        {
            _histories[collection] = history = new WatchHistory(_startVersion, _watchHistory, _historyBytes);
        }

        return history;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log of {Mebibytes} MiB is not made smaller, for a new one cannot be written beside it; make room on its disk: {Reason}")]
    private static partial void LogNotCompacted(ILogger log, long mebibytes, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store stopped: no write is taken until it is opened again")]
    private static partial void LogStopped(ILogger log, Exception error);

    private sealed class Pending(StoreEvent change)
    {
        public StoreEvent Event { get; } = change;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
