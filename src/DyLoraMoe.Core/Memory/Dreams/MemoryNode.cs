using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>One memory: a sample of a skill, or an episode.</summary>
/// <param name="Skill">The skill whose wording it has.</param>
/// <param name="Sample">What is remembered.</param>
/// <param name="Strength">How firmly it is held, 1 for what was met once; <see cref="StrengthOf"/>.</param>
/// <param name="Recency">How fresh it is, 1 for the newest; <see cref="RecencyOf"/>.</param>
/// <param name="Uncertainty">How unsure the expert is of it, nats per token.</param>
public sealed record MemoryNode(string Skill, Sample Sample, double Strength, double Recency, double Uncertainty)
{
    // The oldest is dreamt of still: what is not met at night is what is forgotten.
    private const double Oldest = 0.5;

    /// <summary>Name of the episode that it is, whose text stays in the memory; null for a sample of a skill.</summary>
    public string? Episode { get; init; }

    /// <summary>Whether it was met right after another: samples of a skill in the order of its data, episodes one after the other whatever they are about.</summary>
    /// <param name="before">The memory before it.</param>
    public bool Follows(MemoryNode before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return Episode is null ? before.Episode is null && before.Skill == Skill : before.Episode is not null;
    }

    /// <summary>Strength of what was met so often: one more with every doubling, as in an episode's score.</summary>
    /// <param name="met">How often an episode was told and used; how many samples of its skill a sample stands for.</param>
    public static double StrengthOf(double met) => 1 + Math.Log2(Math.Max(1, met));

    /// <summary>Recency of memories: 1 for the newest, a half for the oldest, between them by time. What came at no known time is as old as the oldest, and all are new where no time is known.</summary>
    /// <param name="times">When each came; null where it is not known.</param>
    public static IReadOnlyList<double> RecencyOf(IReadOnlyList<DateTimeOffset?> times)
    {
        ArgumentNullException.ThrowIfNull(times);
        if (times.Max() is not { } newest)
        {
            return [.. times.Select(_ => 1.0)];
        }

        var span = newest - times.Min()!.Value;
        return [.. times.Select(time => time is not { } came ? Oldest : came == newest ? 1 : 1 - ((1 - Oldest) * ((newest - came) / span)))];
    }
}
