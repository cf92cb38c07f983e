using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>
/// The annotation in which <c>kubectl apply</c> keeps what it applied last. An object goes over to <c>kubectl apply --server-side</c> by it:
/// what it states is kubectl's own, whoever the managed fields name, and it stays true for who goes back. Other managers have nothing to do with it.
/// </summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const int MostBytes = 256 * 1024;

    /// <summary>The fields that were last applied and that the object still has as they were: these a manager takes without force.</summary>
    public static FieldSet Own(JsonObject? live, Schema schema, FieldManager manager)
    {
        if (!IsKubectl(manager) || Read(live) is not { } last || last.Text("apiVersion") != manager.ApiVersion)
        {
            return new FieldSet();
        }

        FieldSet own = Fields.Of(last, schema), changed = new(), removed = new();
        Fields.Compare(last, live, schema, changed, removed);
        own.Remove(changed);
        own.Remove(removed);
        return own;
    }

    /// <summary>Writes what is applied now into the annotation of an object that has one.</summary>
    public static void Refresh(JsonObject merged, JsonObject applied, FieldManager manager)
    {
        if (!IsKubectl(manager) || string.IsNullOrEmpty(merged.Text("metadata", "annotations", Annotation)))
        {
            return;
        }

        JsonObject last = applied.Copy();
        last.RemoveAt("metadata", "annotations", Annotation);
        JsonObject annotations = merged.Ensure("metadata", "annotations");
        annotations[Annotation] = JsonText.String(Sorted(last)) + "\n";
        if (annotations.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value.Text() ?? "")) > MostBytes)
        {
            annotations.Remove(Annotation);
        }
    }

    private static bool IsKubectl(FieldManager manager) => manager.Manager == "kubectl";

    private static JsonObject? Read(JsonObject? live)
    {
        try
        {
            return live.Text("metadata", "annotations", Annotation) is { Length: > 0 } text ? JsonText.ParseObject(Encoding.UTF8.GetBytes(text)) : null;
        }
        catch (JsonException)
        {
            // Anybody may write the annotation; one that says nothing covers nothing.
            return null;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
