namespace KubeOps.Abstractions.Logging;

/// <summary>Where in its way through the operator an object is logged.</summary>
public enum EntityLoggingPhase
{
    /// <summary>When the watch reports it.</summary>
    Watch,

    /// <summary>When it is visited.</summary>
    Reconcile,
}
