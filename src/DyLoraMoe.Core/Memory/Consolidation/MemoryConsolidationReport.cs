using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>What became of one episode. Losses are of its answer, in nats per token.</summary>
/// <param name="Id">Name of the episode.</param>
/// <param name="Before">Loss without the context, before.</param>
/// <param name="InContext">Loss with the context, before: what the teacher makes of it.</param>
/// <param name="After">Loss without the context, after.</param>
/// <param name="InContextRecalled">Whether the teacher recalled it with the context.</param>
/// <param name="WasRecalled">Whether it was recalled before, without the context.</param>
/// <param name="IsRecalled">Whether it is recalled now, without the context.</param>
/// <param name="Answer">What is answered now, by the likeliest tokens. Written nowhere: an episode that is deleted leaves no text.</param>
public sealed record EpisodeRecall(string Id, double Before, double InContext, double After, bool InContextRecalled, bool WasRecalled, bool IsRecalled, [property: JsonIgnore] string Answer);

/// <summary>What a consolidation came to.</summary>
public sealed record MemoryConsolidationReport
{
    /// <summary>Every episode that was taught.</summary>
    public required IReadOnlyList<EpisodeRecall> Episodes { get; init; }

    /// <summary>Names of the episodes that are too long to be taught. They stay where they are.</summary>
    public IReadOnlyList<string> TooLong { get; init; } = [];

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens that the student read, replay included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens that the teacher read.</summary>
    public required long TeacherTokens { get; init; }

    /// <summary>Loss of replay before, in nats per token; null without replay.</summary>
    public double? ReplayBefore { get; init; }

    /// <summary>Loss of replay after.</summary>
    public double? ReplayAfter { get; init; }

    /// <summary>How far the expert moved on replay: KL(before || after) in nats per token; null without replay.</summary>
    public double? Drift { get; init; }

    /// <summary>Names of the episodes that may leave the store.</summary>
    public IReadOnlyList<string> Evict => [.. Episodes.Where(episode => episode.IsRecalled).Select(episode => episode.Id)];

    /// <summary>Share of the episodes that were taught which is recalled, 0 to 1; 1 when there were none.</summary>
    public double Recall => Episodes.Count == 0 ? 1 : (double)Evict.Count / Episodes.Count;
}
