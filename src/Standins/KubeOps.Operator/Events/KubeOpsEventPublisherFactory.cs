using k8s.Models;
using KubeOps.Abstractions.Events;
using KubeOps.KubernetesClient;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Events;

/// <summary>Publishes events. The same event again raises its count; a failure is logged, as no work depends on events.</summary>
internal sealed class KubeOpsEventPublisherFactory(
    IKubernetesClient client,
    IEventResourceFactory events,
    ILogger<EventPublisher> logger) : IEventPublisherFactory
{
    public EventPublisher Create() => async (entity, reason, message, type, cancellationToken) =>
    {
        try
        {
            var @event = events.CreateEvent(entity, reason, message, type);
            @event.EnsureMetadata().NamespaceProperty ??= "default";
            var known = await client.GetAsync<Corev1Event>(@event.Name(), @event.Namespace(), cancellationToken);
            if (known is null)
            {
                @event.Count = 1;
                @event.FirstTimestamp = @event.LastTimestamp = DateTime.UtcNow;
                await client.CreateAsync(@event, cancellationToken);
            }
            else
            {
                known.Count = (known.Count ?? 0) + 1;
                known.LastTimestamp = DateTime.UtcNow;
                await client.UpdateAsync(known, cancellationToken);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.EventNotPublished(logger, e, reason, entity.Name());
        }
    };
}
