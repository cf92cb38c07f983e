using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Which object.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct ObjectKey(string Namespace, string Name)
{
    public static ObjectKey Of(IKubernetesObject<V1ObjectMeta> found) => new(found.Metadata.NamespaceProperty, found.Metadata.Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
