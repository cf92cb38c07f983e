namespace KubeOps.Abstractions.Builder;

/// <summary>How many watches are kept per kind.</summary>
public enum WatchStrategy
{
    /// <summary>One for each controller.</summary>
    PerController,

    /// <summary>One for all controllers of the kind.</summary>
    SharedPerEntity,
}
