namespace DyLoraMoe.Api.Jobs;

/// <summary>What stays; the rest of these kinds is removed when it is older than a grace period.</summary>
public sealed record CollectInput
{
    /// <summary>Digests of datasets that are referred to.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Digests of experts that are referred to.</summary>
    public IReadOnlyList<string> Experts { get; init; } = [];

    /// <summary>Digests of routers that are referred to.</summary>
    public IReadOnlyList<string> Routers { get; init; } = [];

    /// <summary>Digests of the artifacts of grown backbones that are referred to.</summary>
    public IReadOnlyList<string>? Backbones { get; init; }

    /// <summary>Digests that a person asked to have removed: they have no grace.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];

    /// <summary>What was published earlier and is not among <see cref="Released"/> stays: it is from before the Backbone, which does not know what it is for.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Names of jobs whose checkpoints may still be needed.</summary>
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>Younger things are left alone: another job may be about to name them. Before <see cref="AsOf"/>, where that is earlier than the time at which the job runs.</summary>
    public int GraceSeconds { get; init; } = 3600;

    /// <summary>What was published later may be referred to without being listed here: when the lists were made, or when the oldest job that had not told its result was asked for.</summary>
    public DateTimeOffset? AsOf { get; init; }
}
