namespace KubeOps.Abstractions.Builder;

/// <summary><see cref="OperatorSettingsBuilder"/> in one expression.</summary>
public static class OperatorSettingsBuilderExtensions
{
    /// <summary>The operator's name.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithName(this OperatorSettingsBuilder builder, string name)
    {
        builder.Name = name;
        return builder;
    }

    /// <summary>The namespace that is watched.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="ns">The namespace; null for all.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithNamespace(this OperatorSettingsBuilder builder, string? ns)
    {
        builder.Namespace = ns;
        return builder;
    }

    /// <summary>How several processes agree on who works.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="type">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithLeaderElection(
        this OperatorSettingsBuilder builder, LeaderElectionType type)
    {
        builder.LeaderElectionType = type;
        return builder;
    }

    /// <summary>Where visits wait.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="strategy">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithQueueStrategy(
        this OperatorSettingsBuilder builder, QueueStrategy strategy)
    {
        builder.QueueStrategy = strategy;
        return builder;
    }

    /// <summary>How many watches are kept per kind.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="strategy">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithWatchStrategy(
        this OperatorSettingsBuilder builder, WatchStrategy strategy)
    {
        builder.WatchStrategy = strategy;
        return builder;
    }

    /// <summary>All times of the election.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="leaseDuration">How long a lease holds unless it is renewed.</param>
    /// <param name="renewDeadline">How long a leader tries to renew before it steps down.</param>
    /// <param name="retryPeriod">How long to wait between two tries for the lease.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithLeaderElectionTimings(
        this OperatorSettingsBuilder builder,
        TimeSpan leaseDuration,
        TimeSpan renewDeadline,
        TimeSpan retryPeriod) =>
        builder
            .WithLeaderElectionLeaseDuration(leaseDuration)
            .WithLeaderElectionRenewDeadline(renewDeadline)
            .WithLeaderElectionRetryPeriod(retryPeriod);

    /// <summary>How long a lease holds unless it is renewed.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="leaseDuration">The time.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithLeaderElectionLeaseDuration(
        this OperatorSettingsBuilder builder, TimeSpan leaseDuration)
    {
        builder.LeaderElectionLeaseDuration = leaseDuration;
        return builder;
    }

    /// <summary>How long a leader tries to renew before it steps down.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="renewDeadline">The time.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithLeaderElectionRenewDeadline(
        this OperatorSettingsBuilder builder, TimeSpan renewDeadline)
    {
        builder.LeaderElectionRenewDeadline = renewDeadline;
        return builder;
    }

    /// <summary>How long to wait between two tries for the lease.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="retryPeriod">The time.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithLeaderElectionRetryPeriod(
        this OperatorSettingsBuilder builder, TimeSpan retryPeriod)
    {
        builder.LeaderElectionRetryPeriod = retryPeriod;
        return builder;
    }

    /// <summary>Whether each visit first puts all finalizers of the kind on the object.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithAutoAttachFinalizers(
        this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.AutoAttachFinalizers = value;
        return builder;
    }

    /// <summary>Whether a finalizer that succeeded is taken off the object.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithAutoDetachFinalizers(
        this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.AutoDetachFinalizers = value;
        return builder;
    }

    /// <summary>Which changes lead to a visit.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="strategy">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithReconcileStrategy(
        this OperatorSettingsBuilder builder, ReconcileStrategy strategy)
    {
        builder.ReconcileStrategy = strategy;
        return builder;
    }

    /// <summary>Whether there are figures.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithMetrics(this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.EnableMetrics = value;
        return builder;
    }

    /// <summary>Whether the start fails when a part is not registered.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithRegistrationValidation(
        this OperatorSettingsBuilder builder, bool value = true)
    {
        builder.ValidateRegistrations = value;
        return builder;
    }

    /// <summary>How visits run side by side and how they are retried.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets it.</param>
    /// <returns>The builder.</returns>
    public static OperatorSettingsBuilder WithParallelReconciliation(
        this OperatorSettingsBuilder builder, Action<ParallelReconciliationSettingsBuilder> configure)
    {
        configure(builder.ParallelReconciliation);
        return builder;
    }
}
