using System.Text;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Memory;

/// <summary>
/// Takes episodes out of the memory that an expert of the set has learnt, once all routers on it serve that set, and what is served answers them without the
/// memory: routed as any request is, by the likeliest tokens. What is not answered stays and is used as before.
/// </summary>
internal sealed partial class MemoryHandover(
    EpisodeStore store,
    MemoryReplicas replicas,
    SetState state,
    RouterMetrics metrics,
    TimeProvider time,
    ILogger<MemoryHandover> log) : BackgroundService
{
    private const string Client = "memory";
    private const int Spare = 8;
    private static readonly TimeSpan _untilServed = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _between = TimeSpan.FromMinutes(1);

    // Asked before, as told at that time, and not known: a set does not learn. No text is kept of them, which may be deleted.
    private readonly Dictionary<string, DateTimeOffset> _unknown = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Dictionary<string, List<string>>? learnt = null;
        var isPutOff = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _untilServed;
            if (state.Current is { } served)
            {
                learnt ??= LearntBy(served.Set);
                if (learnt.Count == 0)
                {
                    return;
                }

                // In the middle of a roll others still answer with the episodes, and it may be taken back.
                if (replicas.Agree(served.Set.Revision))
                {
                    await HandOverAsync(served, learnt, stoppingToken).ConfigureAwait(false);
                    (pause, isPutOff) = (_between, false);
                }
                else if (!isPutOff)
                {
                    isPutOff = true;
                    LogPutOff();
                }
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // All experts that have learnt an episode: whoever has it deleted is told of each.
    private Dictionary<string, List<string>> LearntBy(LoadedSet set)
    {
        var learnt = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var expert in set.Experts)
        {
            try
            {
                foreach (var id in LearntEpisodes.Read(expert.Folder).Distinct(StringComparer.Ordinal))
                {
                    learnt[id] = [.. learnt.GetValueOrDefault(id, []), expert.Member.Name];
                }
            }
            catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                LogFailed(error.Message);
            }
        }

        return learnt;
    }

    private async Task HandOverAsync(ServedSet served, Dictionary<string, List<string>> learnt, CancellationToken stop)
    {
        try
        {
            var known = new List<Episode>();
            foreach (var episode in store.Episodes.Where(episode => learnt.ContainsKey(episode.Id) && _unknown.GetValueOrDefault(episode.Id) != episode.Time))
            {
                switch (await IsKnownAsync(served, episode, stop).ConfigureAwait(false))
                {
                    case true:
                        known.Add(episode);
                        break;
                    case false:
                        _unknown[episode.Id] = episode.Time;
                        break;
                }
            }

            // Asking may have taken long.
            if (!replicas.Agree(served.Set.Revision))
            {
                return;
            }

            foreach (var group in known.GroupBy(episode => string.Join(", ", learnt[episode.Id])))
            {
                var left = store.Promote(group, learnt[group.First().Id]).Count;
                metrics.HandedOver(left);
                LogHandedOver(left, group.Key);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or QueueFullException or EngineStoppedException or OperationCanceledException)
        {
            // Later is as good.
            if (!stop.IsCancellationRequested)
            {
                LogFailed(error.Message);
            }
        }
    }

    // Null for later: what answers it cannot be read now, and may be there again in a moment.
    private static async Task<bool?> IsKnownAsync(ServedSet served, Episode episode, CancellationToken stop)
    {
        var tokenizer = served.Set.Tokenizer;
        var sample = EpisodeContext.SampleOf(episode, tokenizer);
        var prompt = sample.Conversation is { } chat ? tokenizer.EncodeChat(chat.Messages) : PromptQuestion.IdsOf(tokenizer, episode.Prompt);
        var length = tokenizer.EncodeAnswer(sample.Answer).Length + Spare;
        if (prompt.Length + length > served.Engine.MaxContext)
        {
            return false;
        }

        using var generation = served.Engine.Submit([new GenerationRequest(prompt, new SamplingSettings { MaxTokens = length, Temperature = 0 }, ExpertChoice.Routed)], Client);
        var text = new StringBuilder();
        await foreach (var each in generation.Events(stop).ConfigureAwait(false))
        {
            switch (each)
            {
                case SequenceToken token:
                    text.Append(token.Text);
                    break;
                case SequenceFinished finished:
                    text.Append(finished.Text);
                    break;
                case SequenceFailed { Error: ExpertLostException or EngineStoppedException }:
                    return null;
                case SequenceFailed:
                    return false;
            }
        }

        return episode.IsSaidBy(text.ToString());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} episodes left the memory: known to {Experts}")]
    private partial void LogHandedOver(int count, string experts);

    [LoggerMessage(Level = LogLevel.Information, Message = "What experts have learnt stays in the memory until all routers on it serve the same set")]
    private partial void LogPutOff();

    [LoggerMessage(Level = LogLevel.Warning, Message = "What experts have learnt could not be taken out of the memory: {Reason}")]
    private partial void LogFailed(string reason);
}
