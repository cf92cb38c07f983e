namespace KubeOps.Abstractions.Builder;

/// <summary>Gathers <see cref="ParallelReconciliationSettings"/>.</summary>
public sealed class ParallelReconciliationSettingsBuilder
{
    /// <summary>The most visits at once; two per processor by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">None or less.</exception>
    public int MaxParallelReconciliations
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 2 * Environment.ProcessorCount;

    /// <summary>What to do with a visit to an object that is being visited.</summary>
    public ParallelReconciliationConflictStrategy ConflictStrategy { get; set; } =
        ParallelReconciliationConflictStrategy.WaitForCompletion;

    /// <summary>How much later to try again; null for 5 s.</summary>
    public TimeSpan? RequeueDelay { get; set; }

    /// <summary>How often a failed visit is repeated before it is forgotten.</summary>
    public int MaxErrorRetries { get; set; } = 5;

    /// <summary>The wait before the first repetition; it doubles with each.</summary>
    public TimeSpan ErrorBackoffBase { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Fixes what was gathered.</summary>
    /// <returns>The settings.</returns>
    public ParallelReconciliationSettings Build() => new()
    {
        ErrorBackoffBase = ErrorBackoffBase,
        MaxErrorRetries = MaxErrorRetries,
        RequeueDelay = RequeueDelay,
        ConflictStrategy = ConflictStrategy,
        MaxParallelReconciliations = MaxParallelReconciliations,
    };
}
