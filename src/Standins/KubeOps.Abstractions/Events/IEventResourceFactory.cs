using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Events;

/// <summary>Decides what an event looks like. Events of one name are counted up instead of being made anew.</summary>
public interface IEventResourceFactory
{
    /// <summary>Makes the event.</summary>
    /// <param name="entity">The object that it is about.</param>
    /// <param name="reason">The reason, one word for machines.</param>
    /// <param name="message">What happened, for people.</param>
    /// <param name="type">How grave it is.</param>
    /// <returns>The event, not yet stored.</returns>
    Corev1Event CreateEvent(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type);
}
