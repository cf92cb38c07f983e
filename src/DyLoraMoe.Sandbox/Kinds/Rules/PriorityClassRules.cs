using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Priority classes, whose values are fixed.</summary>
internal sealed class PriorityClassRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item) => item.Default("preemptionPolicy", "PreemptLowerPriority");

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!item["value"].Same(old["value"]))
        {
            errors.Add(FieldError.Forbidden("value", "may not be changed in an update."));
        }
    }
}
