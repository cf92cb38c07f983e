using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>
/// Which episodes are worth weights: those that surprise, come again and have stood for a while. The score is the product
/// <c>surprise · (1 + log2 recurrence) · (1 − 2^(−age / half))</c>: nats per token, a factor that grows with every doubling of how often the
/// answer was told or used, and a factor from 0 to 1 that grows with the age
/// of the answer, so that one that is soon corrected again never gets there, and one that is told again and again does.
/// </summary>
public sealed record PromotionRule
{
    /// <summary>As many as one consolidation can take.</summary>
    public const int MostAtOnce = 1 << 16;

    /// <summary>Age at which the age counts half. The default is a day.</summary>
    public TimeSpan HalfAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Least score of a promotion. The default, 0.5, is an answer of one nat per token that is a day old.</summary>
    [Range(0.0, 1e6)]
    public double LeastScore { get; init; } = 0.5;

    /// <summary>Most episodes of one consolidation; those with the highest scores go first.</summary>
    [Range(1, MostAtOnce)]
    public int MostEpisodes { get; init; } = 256;

    /// <summary>An episode's score.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="now">The present time.</param>
    public double ScoreOf(Episode episode, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var age = Math.Max(0, (now - (episode.AnswerSince ?? episode.Time)) / HalfAge);
        return Math.Max(0, episode.Surprise) * (1 + Math.Log2(Math.Max(1, episode.Recurrence + episode.Uses))) * (1 - Math.Pow(2, -age));
    }

    /// <summary>The episodes to promote, the highest score first.</summary>
    /// <param name="episodes">All of them.</param>
    /// <param name="now">The present time.</param>
    public IReadOnlyList<Episode> Choose(IEnumerable<Episode> episodes, DateTimeOffset now) =>
    [
        .. episodes
            .Select(episode => (Episode: episode, Score: ScoreOf(episode, now)))
            .Where(each => each.Score >= LeastScore)
            .OrderByDescending(each => each.Score)
            .ThenBy(each => each.Episode.Id, StringComparer.Ordinal)
            .Take(MostEpisodes)
            .Select(each => each.Episode),
    ];
}
