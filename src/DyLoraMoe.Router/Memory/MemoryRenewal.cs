using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Memory;

/// <summary>
/// Describes episodes anew that were described by another backbone, or told while none was loaded: only features of the one that is served can be compared. One router does
/// it, once all on the memory serve the same set, one episode after the other, and it rests as long as it works.
/// </summary>
internal sealed partial class MemoryRenewal(EpisodeStore store, MemoryReplicas replicas, SetState state, TimeProvider time, ILogger<MemoryRenewal> log) : BackgroundService
{
    private const string Client = "memory";
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromMinutes(1);

    // As told at that time they cannot be described: too long, or too much for the model. No text is kept of them, which may be deleted.
    private readonly Dictionary<string, DateTimeOffset> _left = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _between;
            try
            {
                if (state.Current is { } served)
                {
                    await RenewAsync(served, stoppingToken).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or QueueFullException or EngineStoppedException or OperationCanceledException)
            {
                // Later is as good.
                if (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(error.Message);
                    pause = _afterFailure;
                }
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewAsync(ServedSet served, CancellationToken stop)
    {
        var space = EpisodicMemory.SpaceOf(served.Set);
        var episodes = store.Episodes;
        foreach (var gone in _left.Keys.Except(episodes.Select(episode => episode.Id)).ToList())
        {
            _left.Remove(gone);
        }

        foreach (var episode in episodes.Where(episode => episode.Space != space && (!_left.TryGetValue(episode.Id, out var told) || told != episode.Time)))
        {
            if (!replicas.Leads(served.Set.Revision))
            {
                return;
            }

            var began = time.GetTimestamp();
            if (await DescribeAsync(episode, served, stop).ConfigureAwait(false) is { } described)
            {
                if (described.Space == space)
                {
                    store.Describe(described);
                }
                else
                {
                    _left[episode.Id] = episode.Time;
                }
            }

            await Task.Delay(time.GetElapsedTime(began), time, stop).ConfigureAwait(false);
        }
    }

    // Null for later: an expert that cannot be read now may be there again in a moment.
    private async Task<Episode?> DescribeAsync(Episode episode, ServedSet served, CancellationToken stop)
    {
        try
        {
            return await EpisodicMemory.DescribeAsync(episode, served, Client, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (IOException or UnauthorizedAccessException or QueueFullException or EngineStoppedException or OperationCanceledException))
        {
            // Whatever one does to the model, the others have their turn.
            LogFailed(error.Message);
            return error is ExpertLostException ? null : episode;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An episode that another backbone described could not be described anew: {Reason}")]
    private partial void LogFailed(string reason);
}
