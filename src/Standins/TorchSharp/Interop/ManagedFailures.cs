using System;
using System.Collections.Concurrent;
using System.Threading;

namespace TorchSharp;

/// <summary>
/// Exceptions on their way through native code: a callback stores its exception and returns the id, native code throws
/// it on as its own, and the managed caller gets the original back, on whichever thread that is.
/// </summary>
internal static class ManagedFailures
{
    private static readonly ConcurrentDictionary<long, Exception> Pending = new();
    private static long _lastId;

    internal static long Put(Exception exception)
    {
        var id = Interlocked.Increment(ref _lastId);
        Pending[id] = exception;
        return id;
    }

    internal static Exception? Take(long id) => Pending.TryRemove(id, out var exception) ? exception : null;
}
