namespace KubeOps.Abstractions.Builder;

/// <summary>Gathers <see cref="OperatorSettings"/>.</summary>
public sealed class OperatorSettingsBuilder
{
    /// <summary>The operator's name: of its lease, its meter and its events.</summary>
    public string Name { get; set; } = "kubernetesoperator";

    /// <summary>The namespace that is watched; null for all.</summary>
    public string? Namespace { get; set; }

    /// <summary>How several processes agree on who works.</summary>
    public LeaderElectionType LeaderElectionType { get; set; } = LeaderElectionType.None;

    /// <summary>Where visits wait.</summary>
    public QueueStrategy QueueStrategy { get; set; } = QueueStrategy.InMemory;

    /// <summary>How many watches are kept per kind.</summary>
    public WatchStrategy WatchStrategy { get; set; } = WatchStrategy.PerController;

    /// <summary>How long a lease holds unless it is renewed.</summary>
    public TimeSpan LeaderElectionLeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it steps down.</summary>
    public TimeSpan LeaderElectionRenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait between two tries for the lease.</summary>
    public TimeSpan LeaderElectionRetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether each visit first puts all finalizers of the kind on the object.</summary>
    public bool AutoAttachFinalizers { get; set; } = true;

    /// <summary>Whether a finalizer that succeeded is taken off the object.</summary>
    public bool AutoDetachFinalizers { get; set; } = true;

    /// <summary>Which changes lead to a visit.</summary>
    public ReconcileStrategy ReconcileStrategy { get; set; } = ReconcileStrategy.ByGeneration;

    /// <summary>How visits run side by side and how they are retried.</summary>
    public ParallelReconciliationSettingsBuilder ParallelReconciliation { get; set; } = new();

    /// <summary>Whether there are figures, in a meter of the operator's name.</summary>
    public bool EnableMetrics { get; set; } = true;

    /// <summary>Whether the start fails when a part is not registered.</summary>
    public bool ValidateRegistrations { get; set; }

    /// <summary>Fixes what was gathered.</summary>
    /// <returns>The settings.</returns>
    public OperatorSettings Build() => new()
    {
        Name = Name,
        Namespace = Namespace,
        ReconcileStrategy = ReconcileStrategy,
        WatchStrategy = WatchStrategy,
        QueueStrategy = QueueStrategy,
        ParallelReconciliation = ParallelReconciliation.Build(),
        AutoAttachFinalizers = AutoAttachFinalizers,
        AutoDetachFinalizers = AutoDetachFinalizers,
        LeaderElectionType = LeaderElectionType,
        LeaderElectionLeaseDuration = LeaderElectionLeaseDuration,
        LeaderElectionRenewDeadline = LeaderElectionRenewDeadline,
        LeaderElectionRetryPeriod = LeaderElectionRetryPeriod,
        EnableMetrics = EnableMetrics,
        ValidateRegistrations = ValidateRegistrations,
    };
}
