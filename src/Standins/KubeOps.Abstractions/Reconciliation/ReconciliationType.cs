namespace KubeOps.Abstractions.Reconciliation;

/// <summary>What happened to an object.</summary>
public enum ReconciliationType
{
    /// <summary>It is new, or new to this process.</summary>
    Added,

    /// <summary>It changed, or it is looked at again.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}
