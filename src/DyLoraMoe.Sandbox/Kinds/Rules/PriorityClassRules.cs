using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Serving;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Priority classes, whose values are fixed, and of which one may be the default.</summary>
internal sealed class PriorityClassRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item) => item.Default("preemptionPolicy", "PreemptLowerPriority");

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context) => RequireOneDefault(item, context);

    /// <inheritdoc/>
    public override void PrepareUpdate(JsonObject item, JsonObject old, KindContext context) => RequireOneDefault(item, context);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (!item["value"].Same(old["value"]))
        {
            errors.Add(FieldError.Forbidden("value", "may not be changed in an update."));
        }
    }

    private static void RequireOneDefault(JsonObject item, KindContext context)
    {
        string name = item.Text("metadata", "name") ?? "";
        if (item.Flag("globalDefault") == true && PodAdmission.DefaultClass(context.View) is { } other && other.Key.Name != name)
        {
            throw ApiException.Forbidden("scheduling.k8s.io", "priorityclasses", name, $"PriorityClass {other.Key.Name} is already marked as default. Only one default can exist");
        }
    }
}
