namespace KubeOps.Abstractions.Events;

/// <summary>How grave an event is.</summary>
public enum EventType
{
    /// <summary>For information.</summary>
    Normal,

    /// <summary>Something may be wrong.</summary>
    Warning,
}
