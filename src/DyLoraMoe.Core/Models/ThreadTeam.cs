using System.Diagnostics;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Threads that do the parts of one piece of work together, as often as a pass has layers. Those of a pool have to be woken for every piece, which takes
/// as long as the piece; these stay awake for a moment after each, since the next one mostly follows.
/// </summary>
internal sealed class ThreadTeam
{
    // What lies between two products of a pass takes less, what lies between two passes often more.
    private static readonly long _awake = Stopwatch.Frequency / 10_000;

    private readonly Lock _one = new();
    private readonly object _bell = new();
    private volatile Work? _work;
    private int _asleep;

    /// <summary>Starts threads that live as long as the process.</summary>
    /// <param name="helpers">How many, besides whoever asks.</param>
    internal ThreadTeam(int helpers)
    {
        for (var at = 1; at <= helpers; at++)
        {
            new Thread(Help) { IsBackground = true, Name = $"rows-{at}" }.Start();
        }
    }

    /// <summary>The process's: a thread for every core but the one that asks.</summary>
    public static ThreadTeam Shared { get; } = new(Environment.ProcessorCount - 1);

    /// <summary>Does every part once, in the order of their numbers as far as they are begun; returns when all are done. Whoever asks while others are at work works alone.</summary>
    /// <param name="threads">How many may work, the caller's included.</param>
    /// <param name="parts">How many parts.</param>
    /// <param name="part">Does one.</param>
    /// <exception cref="AggregateException">Parts failed; the others were done.</exception>
    public void Run(int threads, int parts, Action<int> part)
    {
        var work = new Work(parts, part, threads - 1);
        if (threads > 1 && _one.TryEnter())
        {
            try
            {
                Share(work);
            }
            finally
            {
                _one.Exit();
            }
        }
        else
        {
            work.Do();
        }

        work.Check();
    }

    private void Share(Work work)
    {
        _work = work;
        Interlocked.MemoryBarrier();
        if (_asleep > 0)
        {
            lock (_bell)
            {
                Monitor.PulseAll(_bell);
            }
        }

        work.Do();
        var wait = default(SpinWait);
        while (!work.IsDone)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Help()
    {
        Work? last = null;
        while (true)
        {
            var since = Stopwatch.GetTimestamp();
            while (ReferenceEquals(_work, last) && Stopwatch.GetTimestamp() - since < _awake)
            {
                Thread.SpinWait(8);
            }

            if (ReferenceEquals(_work, last))
            {
                Sleep(last);
            }

            last = _work;
            last?.Help();
        }
    }

    // Says that it sleeps before it looks once more: whoever has work then either sees that, or was seen.
    private void Sleep(Work? last)
    {
        lock (_bell)
        {
            Interlocked.Increment(ref _asleep);
            while (ReferenceEquals(_work, last))
            {
                Monitor.Wait(_bell);
            }

            Interlocked.Decrement(ref _asleep);
        }
    }

    private sealed class Work(int parts, Action<int> part, int helpers)
    {
        private int _next = -1;
        private int _done;
        private int _helpers = helpers;
        private List<Exception>? _errors;

        public bool IsDone => Volatile.Read(ref _done) == parts;

        public void Help()
        {
            if (Interlocked.Decrement(ref _helpers) >= 0)
            {
                Do();
            }
        }

        public void Do()
        {
            for (var at = Interlocked.Increment(ref _next); at < parts; at = Interlocked.Increment(ref _next))
            {
                try
                {
                    part(at);
                }
                catch (Exception error)
                {
                    lock (this)
                    {
                        (_errors ??= []).Add(error);
                    }
                }

                Interlocked.Increment(ref _done);
            }
        }

        public void Check()
        {
            if (_errors is not null)
            {
                throw new AggregateException(_errors);
            }
        }
    }
}
