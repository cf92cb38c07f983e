using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Events;

/// <summary>
/// Publishes an event about an object, or counts it up when the same one was published before. Injected.
/// </summary>
/// <param name="entity">The object.</param>
/// <param name="reason">The reason, one word for machines.</param>
/// <param name="message">What happened, for people.</param>
/// <param name="type">How grave it is.</param>
/// <param name="cancellationToken">Ends the call.</param>
/// <returns>A task that ends once the event is stored.</returns>
public delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity,
    string reason,
    string message,
    EventType type = EventType.Normal,
    CancellationToken cancellationToken = default);
