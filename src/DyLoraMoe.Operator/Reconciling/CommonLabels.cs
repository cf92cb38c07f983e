using DyLoraMoe.Api;
using DyLoraMoe.Operator.Jobs;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Labels of everything that the operator makes.</summary>
internal static class CommonLabels
{
    public static Dictionary<string, string> Of(string backbone, string component) => new(StringComparer.Ordinal)
    {
        [Labels.Name] = Labels.ProductName,
        [Labels.Component] = component,
        [Labels.ManagedBy] = FieldManagers.Operator,
        [Labels.Backbone] = backbone,
    };

    /// <summary>Whether an object says that the operator made it for a backbone.</summary>
    public static bool AreOn(IKubernetesObject<V1ObjectMeta> found) => found.Tag(Labels.ManagedBy) == FieldManagers.Operator && found.Tag(Labels.Backbone) is not null;
}
