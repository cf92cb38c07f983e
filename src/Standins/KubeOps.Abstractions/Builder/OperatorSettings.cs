namespace KubeOps.Abstractions.Builder;

/// <summary>How the operator works. Made by <see cref="OperatorSettingsBuilder"/>, which has the defaults.</summary>
public sealed record OperatorSettings
{
    /// <summary>The operator's name: of its lease, its meter and its events.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace that is watched; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>How several processes agree on who works.</summary>
    public required LeaderElectionType LeaderElectionType { get; init; }

    /// <summary>Where visits wait.</summary>
    public required QueueStrategy QueueStrategy { get; init; }

    /// <summary>How many watches are kept per kind.</summary>
    public required WatchStrategy WatchStrategy { get; init; }

    /// <summary>How long a lease holds unless it is renewed.</summary>
    public required TimeSpan LeaderElectionLeaseDuration { get; init; }

    /// <summary>How long a leader tries to renew before it steps down.</summary>
    public required TimeSpan LeaderElectionRenewDeadline { get; init; }

    /// <summary>How long to wait between two tries for the lease.</summary>
    public required TimeSpan LeaderElectionRetryPeriod { get; init; }

    /// <summary>Whether each visit first puts all finalizers of the kind on the object.</summary>
    public required bool AutoAttachFinalizers { get; init; }

    /// <summary>Whether a finalizer that succeeded is taken off the object.</summary>
    public required bool AutoDetachFinalizers { get; init; }

    /// <summary>Which changes lead to a visit.</summary>
    public required ReconcileStrategy ReconcileStrategy { get; init; }

    /// <summary>How visits run side by side and how they are retried.</summary>
    public required ParallelReconciliationSettings ParallelReconciliation { get; init; }

    /// <summary>Whether there are figures, in a meter of the operator's name.</summary>
    public required bool EnableMetrics { get; init; }

    /// <summary>Whether the start fails when a part is not registered.</summary>
    public bool ValidateRegistrations { get; init; }
}
