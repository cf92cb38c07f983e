namespace KubeOps.Abstractions.Builder;

/// <summary><see cref="ParallelReconciliationSettingsBuilder"/> in one expression.</summary>
public static class ParallelReconciliationSettingsBuilderExtensions
{
    /// <summary>The most visits at once.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The number, at least 1.</param>
    /// <returns>The builder.</returns>
    public static ParallelReconciliationSettingsBuilder WithMaxParallelReconciliations(
        this ParallelReconciliationSettingsBuilder builder, int value)
    {
        builder.MaxParallelReconciliations = value;
        return builder;
    }

    /// <summary>What to do with a visit to an object that is being visited.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="strategy">The choice.</param>
    /// <returns>The builder.</returns>
    public static ParallelReconciliationSettingsBuilder WithConflictStrategy(
        this ParallelReconciliationSettingsBuilder builder, ParallelReconciliationConflictStrategy strategy)
    {
        builder.ConflictStrategy = strategy;
        return builder;
    }

    /// <summary>How much later to try again.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="delay">The time; null for 5 s.</param>
    /// <returns>The builder.</returns>
    public static ParallelReconciliationSettingsBuilder WithRequeueDelay(
        this ParallelReconciliationSettingsBuilder builder, TimeSpan? delay)
    {
        builder.RequeueDelay = delay;
        return builder;
    }

    /// <summary>How often a failed visit is repeated.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="retries">The number; 0 for never.</param>
    /// <returns>The builder.</returns>
    public static ParallelReconciliationSettingsBuilder WithMaxErrorRetries(
        this ParallelReconciliationSettingsBuilder builder, int retries)
    {
        builder.MaxErrorRetries = retries;
        return builder;
    }

    /// <summary>The wait before the first repetition.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="backoff">The time.</param>
    /// <returns>The builder.</returns>
    public static ParallelReconciliationSettingsBuilder WithErrorBackoffBase(
        this ParallelReconciliationSettingsBuilder builder, TimeSpan backoff)
    {
        builder.ErrorBackoffBase = backoff;
        return builder;
    }
}
