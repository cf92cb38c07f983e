namespace KubeOps.Abstractions.Events;

/// <summary>Makes publishers of events.</summary>
public interface IEventPublisherFactory
{
    /// <summary>Makes one.</summary>
    /// <returns>The publisher.</returns>
    EventPublisher Create();
}
