using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>
/// Runs pieces of work side by side, each on one thread of one core. The pieces are far smaller than what one thread of libtorch
/// can share out with profit, and so a figure does not depend on how many cores there are.
/// </summary>
internal static class WorkQueue
{
    /// <summary>Runs everything; when one piece fails, the others stop and its error is thrown.</summary>
    /// <param name="pieces">The work, begun in this order.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="cancellation">Stops everything.</param>
    public static void Run(IReadOnlyList<Action<CancellationToken>> pieces, int workers, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var next = -1;
        Exception? error = null;
        var threads = Enumerable.Range(0, Math.Min(workers, pieces.Count)).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (error is not null)
        {
            throw new InvalidOperationException(error.Message, error);
        }

        cancellation.ThrowIfCancellationRequested();

        void Work()
        {
            set_num_threads(1);
            while (!failed.IsCancellationRequested && Interlocked.Increment(ref next) is var mine && mine < pieces.Count)
            {
                try
                {
                    pieces[mine](failed.Token);
                }
                catch (OperationCanceledException) when (failed.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception thrown)
                {
                    Interlocked.CompareExchange(ref error, thrown, null);
                    failed.Cancel();
                }
            }
        }
    }
}
