using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>What a Job looks like and what is known of its pods at one moment.</summary>
internal sealed record JobFacts(V1Job Job, IReadOnlyList<V1Pod> Pods, DateTime Now, TimeSpan Backoff, TimeSpan BackoffLimit);

/// <summary>What to do for a Job, in this order: write the status, let go of pods, delete pods, create pods, look again.</summary>
internal sealed record JobDecision
{
    public required V1JobStatus Status { get; init; }

    /// <summary>Pods that are accounted for in the status and need no tracking any more.</summary>
    public IReadOnlyList<V1Pod> Release { get; init; } = [];

    /// <summary>Pods to end. Those that the Job no longer wants (not those of a Job that ends) are released first, so they do not count as failed.</summary>
    public IReadOnlyList<V1Pod> Delete { get; init; } = [];

    public bool ReleaseDeleted { get; init; }

    /// <summary>How many pods to create, or which completion indexes when the Job is indexed.</summary>
    public int Create { get; init; }

    public IReadOnlyList<int> CreateIndexes { get; init; } = [];

    /// <summary>The Job itself is to be deleted: its time to live after finishing is over.</summary>
    public bool Expired { get; init; }

    public TimeSpan? Revisit { get; init; }

    public IReadOnlyList<(string Type, string Reason, string Message)> Events { get; init; } = [];
}
