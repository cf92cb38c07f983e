using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Trainer.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Episodes of the memory that an expert learns in its night: those that all users share. Their texts are read from the memory and written nowhere.</summary>
/// <param name="context">The job.</param>
/// <param name="session">The backbone.</param>
/// <param name="memory">The memory.</param>
internal sealed class JobEpisodes(JobContext context, WorkspaceSession session, SharedEpisodes memory)
{
    // Enough to keep what the expert says, and little to measure.
    private const int Replayed = 256;
    private const int MostTries = 5;

    /// <summary>The memory that a request names; null when its night has none.</summary>
    /// <param name="context">The job.</param>
    public static SharedEpisodes? MemoryOf(JobContext context) => context.Request.Consolidate!.Episodes is { } wanted
        ? SharedEpisodes.In(context.Arguments.RequiredData(JobKind.Consolidate), new PromotionRule { LeastScore = wanted.LeastScore, MostEpisodes = wanted.MaxEpisodes })
        : null;

    /// <summary>Teaches a copy of an expert. It knows nothing of what is deleted or corrected before this ends: then the expert as it was learns the rest.</summary>
    /// <param name="expert">The expert; stays as it is.</param>
    /// <param name="known">Samples of what it knows, which it keeps saying.</param>
    /// <param name="from">The expert as it was before its night, which drift is measured from.</param>
    /// <param name="tokens">Most tokens to read, for all tries together; null for any number.</param>
    /// <param name="enough">Ends the learning with what is learnt by then.</param>
    /// <returns>The copy and what it recalls; null when there was nothing to learn.</returns>
    public LearntMemory? Learn(LoraAdapter expert, IReadOnlyList<TokenizedSample> known, LoraAdapter from, long? tokens, CancellationToken enough)
    {
        var step = Math.Max(1, known.Count / Replayed);
        List<TokenizedSample> replay = [.. known.Where((_, at) => at % step == 0)];
        var options = new MemoryConsolidationOptions();
        options = options with { Rate = Math.Min(options.Rate, context.Request.Consolidate!.Recipe.SeedingRate ?? options.Rate) };
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (tokens <= 0)
            {
                context.Say("the tokens for episodes are spent by what was thrown away: no episode is learnt");
                return null;
            }

            var episodes = memory.Chosen();
            if (episodes.Count == 0)
            {
                context.Say("no episode that all users share has the score yet");
                return null;
            }

            context.Say($"learning {episodes.Count} episodes");
            var copy = expert.CopyTo(expert.Device);
            var consolidation = new MemoryConsolidation(session.Model, session.Tokenizer, options with { MaxTokens = tokens });
            MemoryConsolidationReport report;
            try
            {
                report = consolidation.Run(copy, episodes, replay, from, context.Stop, enough);
            }
            catch (InvalidDataException error)
            {
                copy.Dispose();
                context.Say($"no episode is learnt: {error.Message}");
                return null;
            }

            tokens -= report.Tokens;
            if (report.TooLong.Count > 0)
            {
                context.Say($"{report.TooLong.Count} episodes have more than {consolidation.MostTokens} tokens, question and answer together: they are not taught, and stay in the memory");
            }

            context.Say($"{report.Evict.Count} of {report.Episodes.Count} episodes are known by heart after {report.Steps} steps{(enough.IsCancellationRequested ? ", when the time was up" : "")}");
            if (memory.AreThere(episodes))
            {
                return new LearntMemory(copy, report);
            }

            copy.Dispose();
            context.Say("episodes were deleted or corrected while they were learnt: what is left is learnt again without them");
        }

        context.Say("the memory changes too often to be learnt from tonight");
        return null;
    }
}

/// <summary>An expert that has learnt episodes.</summary>
/// <param name="Expert">The expert; the caller's.</param>
/// <param name="Report">What it recalls.</param>
internal sealed record LearntMemory(LoraAdapter Expert, MemoryConsolidationReport Report);
