using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Events;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Events;

/// <summary>Events as objects of the cluster.</summary>
/// <param name="settings">Name the operator.</param>
/// <param name="logger">Where names are traced to what they encode.</param>
public class KubeOpsEventResourceFactory(OperatorSettings settings, ILogger<EventPublisher>? logger = null)
    : IEventResourceFactory
{
    private const string FallbackNamespace = "default";

    private readonly ILogger? _logger = logger;

    /// <inheritdoc/>
    public virtual Corev1Event CreateEvent(
        IKubernetesObject<V1ObjectMeta> entity,
        string reason,
        string message,
        EventType type)
    {
        var @namespace = entity.Namespace() ?? FallbackNamespace;
        var original = $"{entity.Uid()}.{entity.Name()}.{@namespace}.{reason}.{message}.{type}";
        var name = EventNameEncoder.Encode(original);
        if (_logger is not null)
        {
            Log.EventNamed(_logger, name, original);
        }

        return new Corev1Event
        {
            ApiVersion = Corev1Event.KubeApiVersion,
            Kind = Corev1Event.KubeKind,
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = @namespace,
                Annotations = new Dictionary<string, string>
                {
                    ["originalName"] = original,
                    ["nameHash"] = "sha512",
                    ["nameEncoding"] = "Hex String",
                },
            },
            Type = type.ToString(),
            Reason = reason,
            Message = message,
            ReportingComponent = settings.Name,
            ReportingInstance = Environment.MachineName,
            Source = new V1EventSource { Component = settings.Name },
            InvolvedObject = entity.MakeObjectReference(),
        };
    }
}
