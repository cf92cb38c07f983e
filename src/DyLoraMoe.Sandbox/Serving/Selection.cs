using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Which objects of a collection a request means.</summary>
internal sealed record Selection(string Namespace, LabelSelector Labels, FieldSelector Fields, string Name)
{
    /// <summary>Whether nothing but the namespace selects.</summary>
    public bool IsEmpty => Labels.IsEmpty && Fields.IsEmpty && Name.Length == 0;

    /// <summary>Reads it from a request.</summary>
    public static Selection Of(ApiRequest request) => new(
        request.Namespace, LabelSelector.Parse(request.Query("labelSelector")), FieldSelector.Parse(request.Query("fieldSelector"), request.Kind), request.Name);

    /// <summary>Whether an object is meant.</summary>
    public bool Matches(JsonObject item) =>
        (Namespace.Length == 0 || item.Text("metadata", "namespace") == Namespace)
        && (Name.Length == 0 || item.Text("metadata", "name") == Name)
        && Labels.Matches(item) && Fields.Matches(item);
}
