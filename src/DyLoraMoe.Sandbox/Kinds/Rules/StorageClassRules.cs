using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Storage classes.</summary>
internal sealed class StorageClassRules : PlainRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        item.Default("reclaimPolicy", "Delete");
        item.Default("volumeBindingMode", "Immediate");
    }
}
