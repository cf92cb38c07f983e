using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Secrets, whose values may be written as text.</summary>
internal sealed class SecretRules : ConfigMapRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        item.Default("type", "Opaque");
        if (item.Map("stringData") is { } texts)
        {
            JsonObject data = item.Ensure("data");
            foreach ((string key, JsonNode? value) in texts)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
            }

            item.Remove("stringData");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        base.ValidateUpdate(item, old, errors);
        if (!item["type"].Same(old["type"]))
        {
            errors.Add(FieldError.Invalid("type", item["type"], "field is immutable"));
        }
    }
}
