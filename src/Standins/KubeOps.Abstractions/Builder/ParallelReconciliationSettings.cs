namespace KubeOps.Abstractions.Builder;

/// <summary>How visits run side by side and how they are retried.</summary>
public sealed record ParallelReconciliationSettings
{
    private const int LargestExponent = 30;
    private static readonly TimeSpan DefaultRequeueDelay = TimeSpan.FromSeconds(5);

    /// <summary>The most visits at once.</summary>
    public required int MaxParallelReconciliations { get; init; }

    /// <summary>What to do with a visit to an object that is being visited.</summary>
    public required ParallelReconciliationConflictStrategy ConflictStrategy { get; init; }

    /// <summary>How much later to try again; null for 5 s.</summary>
    public TimeSpan? RequeueDelay { get; init; }

    /// <summary>How often a failed visit is repeated before it is forgotten.</summary>
    public required int MaxErrorRetries { get; init; }

    /// <summary>The wait before the first repetition; it doubles with each.</summary>
    public required TimeSpan ErrorBackoffBase { get; init; }

    /// <summary>How much later to try again.</summary>
    /// <returns><see cref="RequeueDelay"/> or its default.</returns>
    public TimeSpan GetEffectiveRequeueDelay() => RequeueDelay ?? DefaultRequeueDelay;

    /// <summary>The wait before a repetition.</summary>
    /// <param name="retryCount">The number of the repetition, from 1.</param>
    /// <returns><see cref="ErrorBackoffBase"/> · 2^(retryCount - 1), with an exponent of at most 30.</returns>
    public TimeSpan GetErrorBackoffDelay(int retryCount) =>
        ErrorBackoffBase * Math.Pow(2, Math.Min(retryCount - 1, LargestExponent));
}
