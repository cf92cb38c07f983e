using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Namespaces: active until they are deleted, then kept until they are empty.</summary>
internal sealed class NamespaceRules : KindRules
{
    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Text("metadata", "name") is { } name)
        {
            item.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = name;
        }
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        item.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
        item["status"] = new JsonObject { ["phase"] = "Active" };
    }

    /// <inheritdoc/>
    public override void PrepareUpdate(JsonObject item, JsonObject old, KindContext context) =>
        item["spec"] = old["spec"]?.DeepClone();
}
