using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Router.Feedback;

/// <summary>Where verdicts on answers are kept, how many and how long.</summary>
internal sealed record FeedbackOptions
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Most bytes of all verdicts together; the oldest go first. The default is 64 MiB.</summary>
    [Range(1L << 12, 1L << 40)]
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>How long a verdict is kept at most. The default is 30 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);
}
