namespace KubeOps.Abstractions.Reconciliation;

/// <summary>Who asked for a visit.</summary>
public enum ReconciliationTriggerSource
{
    /// <summary>The API server, by a watch.</summary>
    ApiServer,

    /// <summary>The operator itself: a retry, a next visit, or a call of the queue.</summary>
    Operator,
}
