namespace KubeOps.Abstractions.Builder;

/// <summary>Where visits wait.</summary>
public enum QueueStrategy
{
    /// <summary>In memory.</summary>
    InMemory,

    /// <summary>In a queue of one's own.</summary>
    Custom,
}
