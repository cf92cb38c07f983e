namespace KubeOps.Abstractions.Builder;

/// <summary>What to do with a visit to an object that is being visited.</summary>
public enum ParallelReconciliationConflictStrategy
{
    /// <summary>Forget it.</summary>
    Discard,

    /// <summary>Try again a little later.</summary>
    RequeueAfterDelay,

    /// <summary>Wait for the other to end.</summary>
    WaitForCompletion,
}
