using DyLoraMoe.Api;

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
}
