using System.Globalization;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>Which pods stand behind a Service, as the endpoint controllers write it down.</summary>
internal static class EndpointRules
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string Manager = "endpointslice-controller.k8s.io";

    public static V1EndpointSlice Slice(V1Service service, IEnumerable<V1Pod> pods)
    {
        var backing = Backing(service, pods).ToList();
        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Name = service.Metadata.Name,
                Labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
                {
                    [ServiceNameLabel] = service.Metadata.Name,
                    [ManagedByLabel] = Manager,
                },
                OwnerReferences = [Owners.Controller(service)],
            },
            AddressType = "IPv4",
            Endpoints = [.. backing.Select(pod => EndpointOf(service, pod))],
            Ports = [.. Ports(service, backing.FirstOrDefault()).Select(port => new Discoveryv1EndpointPort
            {
                Name = port.Name ?? "",
                Port = port.Port,
                Protocol = port.Protocol,
            })],
        };
    }

    public static V1Endpoints Endpoints(V1Service service, IEnumerable<V1Pod> pods)
    {
        var backing = Backing(service, pods).Where(pod => !pod.IsTerminating()).ToList();
        var ready = backing.Where(pod => pod.IsReady() || service.Spec.PublishNotReadyAddresses == true).Select(AddressOf).ToList();
        var waiting = backing.Where(pod => !pod.IsReady() && service.Spec.PublishNotReadyAddresses != true).Select(AddressOf).ToList();
        return new V1Endpoints
        {
            Metadata = new V1ObjectMeta
            {
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Name = service.Metadata.Name,
                Labels = service.Metadata.Labels,
            },
            Subsets = backing.Count == 0 ? null :
            [
                new V1EndpointSubset
                {
                    Addresses = ready.Count > 0 ? ready : null,
                    NotReadyAddresses = waiting.Count > 0 ? waiting : null,
                    Ports = [.. Ports(service, backing[0]).Select(port => new Corev1EndpointPort
                    {
                        Name = port.Name,
                        Port = port.Port,
                        Protocol = port.Protocol,
                    })],
                },
            ],
        };
    }

    /// <summary>The port on the pod for a Service's port: a number, or the name of a container's port.</summary>
    public static int? TargetPort(V1ServicePort port, V1Pod? pod)
    {
        var target = port.TargetPort?.Value;
        return string.IsNullOrEmpty(target) || target == "0" ? port.Port
            : int.TryParse(target, CultureInfo.InvariantCulture, out var number) ? number
            : pod?.Spec.Containers.SelectMany(container => container.Ports ?? []).FirstOrDefault(named => named.Name == target)?.ContainerPort;
    }

    private static IEnumerable<V1Pod> Backing(V1Service service, IEnumerable<V1Pod> pods) => pods
        .Where(pod => service.Spec.Selector.MatchesAll(pod.Metadata.Labels) && !pod.IsFinished() && !string.IsNullOrEmpty(pod.Status?.PodIP))
        .OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal);

    private static IEnumerable<(string? Name, int Port, string Protocol)> Ports(V1Service service, V1Pod? pod)
    {
        foreach (var port in service.Spec.Ports ?? [])
        {
            if (TargetPort(port, pod) is { } target)
            {
                yield return (port.Name, target, port.Protocol ?? "TCP");
            }
        }
    }

    private static V1Endpoint EndpointOf(V1Service service, V1Pod pod) => new()
    {
        Addresses = [pod.Status.PodIP],
        NodeName = pod.Spec.NodeName,
        Conditions = new V1EndpointConditions
        {
            Ready = service.Spec.PublishNotReadyAddresses == true || (pod.IsReady() && !pod.IsTerminating()),
            Serving = pod.IsReady(),
            Terminating = pod.IsTerminating(),
        },
        TargetRef = ReferenceTo(pod),
    };

    private static V1EndpointAddress AddressOf(V1Pod pod) => new() { Ip = pod.Status.PodIP, NodeName = pod.Spec.NodeName, TargetRef = ReferenceTo(pod) };

    private static V1ObjectReference ReferenceTo(V1Pod pod) => new()
    {
        Kind = "Pod",
        Name = pod.Metadata.Name,
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Uid = pod.Metadata.Uid,
    };
}
