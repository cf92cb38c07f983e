using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Nodes, which their kubelets may create with a status.</summary>
internal sealed class NodeRules : PlainRules
{
    /// <inheritdoc/>
    public override bool KeepsStatusOnCreate => true;

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        item["spec"] ??= new JsonObject();
        item["status"] ??= new JsonObject();
    }
}
