using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Episodes of the memory that an expert learns in its night: those that all users share. Their texts are read from the memory and written nowhere.</summary>
/// <param name="context">The job.</param>
/// <param name="session">The backbone.</param>
/// <param name="wanted">Which episodes.</param>
internal sealed class JobEpisodes(JobContext context, WorkspaceSession session, EpisodeInput wanted)
{
    // Enough to keep what the expert says, and little to measure.
    private const int Replayed = 256;
    private const int MostTries = 5;

    private readonly EpisodeStore _store = new(new EpisodeStoreOptions { Folder = context.Arguments.RequiredData(JobKind.Consolidate) }, TimeProvider.System);

    /// <summary>Teaches a copy of an expert. It knows nothing of what is deleted or corrected before this ends: then the expert as it was learns the rest.</summary>
    /// <param name="expert">The expert; stays as it is.</param>
    /// <param name="known">Samples of what it knows, which it keeps saying.</param>
    /// <param name="enough">Ends the learning with what is learnt by then.</param>
    /// <returns>The copy and what it recalls; null when there was nothing to learn.</returns>
    public LearntMemory? Learn(LoraAdapter expert, IReadOnlyList<TokenizedSample> known, CancellationToken enough)
    {
        var step = Math.Max(1, known.Count / Replayed);
        List<TokenizedSample> replay = [.. known.Where((_, at) => at % step == 0)];
        var options = new MemoryConsolidationOptions();
        options = options with { Rate = Math.Min(options.Rate, context.Request.Consolidate!.Recipe.SeedingRate ?? options.Rate) };
        for (var tries = 0; tries < MostTries; tries++)
        {
            var episodes = Chosen();
            if (episodes.Count == 0)
            {
                context.Say("no episode that all users share has the score yet");
                return null;
            }

            context.Say($"learning {episodes.Count} episodes");
            var copy = expert.CopyTo(expert.Device);
            var report = new MemoryConsolidation(session.Model, session.Tokenizer, options).Run(copy, episodes, replay, context.Stop, enough);
            context.Say($"{report.Evict.Count} of {report.Episodes.Count} episodes are known by heart after {report.Steps} steps");
            if (AreThere(episodes))
            {
                return new LearntMemory(copy, report);
            }

            copy.Dispose();
            context.Say("episodes were deleted or corrected while they were learnt: what is left is learnt again without them");
        }

        context.Say("the memory changes too often to be learnt from tonight");
        return null;
    }

    private IReadOnlyList<Episode> Chosen() => new PromotionRule { LeastScore = wanted.LeastScore, MostEpisodes = wanted.MaxEpisodes }
        .Choose(_store.Episodes.Where(episode => episode.User is null), TimeProvider.System.GetUtcNow());

    private bool AreThere(IEnumerable<Episode> episodes)
    {
        var present = _store.Episodes.Select(episode => (episode.Id, episode.Answer)).ToHashSet();
        return episodes.All(episode => present.Contains((episode.Id, episode.Answer)));
    }
}

/// <summary>An expert that has learnt episodes.</summary>
/// <param name="Expert">The expert; the caller's.</param>
/// <param name="Report">What it recalls.</param>
internal sealed record LearntMemory(LoraAdapter Expert, MemoryConsolidationReport Report);
