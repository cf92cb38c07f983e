using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Any object, seen through its metadata only.</summary>
internal sealed class PartialObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();
}
