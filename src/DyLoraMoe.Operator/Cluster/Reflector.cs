using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>Keeps one kind's <see cref="ObjectStore{T}"/>: lists once, then watches, and lists again only when the server has forgotten where the watch was.</summary>
internal sealed partial class Reflector<T>(
    KubernetesRest rest, ObjectStore<T> store, string? ns, string? labelSelector, Func<T, T> trim, Random random, TimeProvider clock, ILogger logger) : IReflector
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    // Visits wait for it, so it must not be long after the server is back.
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);

    // A server that is only slow has caught up by then.
    private const int MostAhead = 3;

    // A watch that does not even begin may be held up by something on the way, as by a proxy that waits for a first event: what there is can be asked for.
    private const int MostBlind = 2;

    // A watch that held so long was none that the server did not want to give.
    private static readonly TimeSpan _held = TimeSpan.FromMilliseconds(500);

    private readonly Freshness _freshness = new(clock);

    /// <inheritdoc/>
    public bool HasSynced => store.HasSynced;

    /// <inheritdoc/>
    public bool IsCurrent => store.HasSynced && _freshness.IsCurrent;

    /// <inheritdoc/>
    public string Plural => ResourceKind.Of<T>().Plural;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? version = null;
        var (failures, ahead) = (0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            var opened = (long?)null;
            try
            {
                if (version is null)
                {
                    var (all, listed) = await rest.ListAsync<T>(ns, labelSelector, cancellationToken, Kept);
                    store.Replace(all, listed, isPutBack: ahead >= MostAhead);
                    (version, ahead) = (listed, 0);
                    _freshness.Listed();
                }

                await foreach (var (type, found) in rest.WatchAsync<T>(ns, labelSelector, version, WatchDuration(), Opened, cancellationToken))
                {
                    version = found.Metadata.ResourceVersion ?? version;
                    Take(type, found);
                }

                (failures, ahead) = (0, 0);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (opened is { } time && clock.GetElapsedTime(time) >= _held)
            {
                // Connections break, some networks cut them regularly: the next one goes on where this one was, if the server knows it still.
                (failures, ahead) = (0, 0);
                version = error is ClusterException { IsGone: true } ? null : version;
            }
            catch (ClusterException error) when (error.IsGone)
            {
                // Once is nothing; a server that forgets all the time is not to be asked for everything all the time.
                failures++;
                version = null;
            }
            catch (Exception error)
            {
                failures++;
                var isAhead = error is ClusterException { IsAhead: true };
                ahead += isAhead ? 1 : 0;
                if (isAhead ? ahead >= MostAhead : failures >= MostBlind)
                {
                    version = null;
                }

                WatchFailed(logger, Plural, failures, error.Message);
            }

            finally
            {
                _freshness.Ended();
            }

            await PauseAsync(failures, cancellationToken);

            void Opened()
            {
                opened = clock.GetTimestamp();
                _freshness.Opened();
            }
        }
    }

    private void Take(string type, T found)
    {
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                store.Watched(Kept(found));
                break;
            case "DELETED":
                store.WatchedDeletion(Kept(found));
                break;
        }
    }

    // One object that is not as anybody thought must not keep all others from being known.
    private T Kept(T found)
    {
        try
        {
            return trim(found);
        }
        catch (Exception error)
        {
            NotTrimmed(logger, Plural, found.Metadata.NamespaceProperty, found.Metadata.Name, error.Message);
            return found;
        }
    }

    // Spread, so that the watches of many operators do not all return at once.
    private TimeSpan WatchDuration()
    {
        lock (random)
        {
            return TimeSpan.FromSeconds(random.Next(300, 600));
        }
    }

    // The watches of all kinds broke at once, and must not all come back at once.
    private TimeSpan Spread(TimeSpan pause)
    {
        lock (random)
        {
            return pause * (0.6 + (0.4 * random.NextDouble()));
        }
    }

    private async Task PauseAsync(int failures, CancellationToken cancellationToken)
    {
        // Even a server that ends every watch at once is not called more than a few times a second.
        var pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(failures, 10)));
        try
        {
            await Task.Delay(Spread(pause < _longestPause ? pause : _longestPause), clock, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Watching {Kind} failed for the {Failures}. time: {Error}")]
    private static partial void WatchFailed(ILogger logger, string kind, int failures, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Namespace}/{Name} of {Kind} is kept as it came, for it could not be cut down: {Error}")]
    private static partial void NotTrimmed(ILogger logger, string kind, string @namespace, string name, string error);
}
