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

    /// <summary>What a person gives to pods and, before that, what is the operator's own to set.</summary>
    public static Dictionary<string, string> With(IDictionary<string, string>? given, Dictionary<string, string> own)
    {
        foreach (var (key, value) in (given ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            own.TryAdd(key, value);
        }

        return own;
    }

    /// <summary>Whether an object says that the operator made it for a backbone.</summary>
    public static bool AreOn(IKubernetesObject<V1ObjectMeta> found) => found.Tag(Labels.ManagedBy) == FieldManagers.Operator && found.Tag(Labels.Backbone) is not null;
}
