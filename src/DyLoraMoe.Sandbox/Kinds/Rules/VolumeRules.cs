using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Persistent volumes.</summary>
internal sealed class VolumeRules : PlainRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        JsonObject spec = item.Ensure("spec");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        spec.Map("hostPath")?.Default("type", "");
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context) => item["status"] = new JsonObject { ["phase"] = "Pending" };
}
