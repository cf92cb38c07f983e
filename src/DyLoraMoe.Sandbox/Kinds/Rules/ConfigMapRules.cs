using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>ConfigMaps, which may be immutable.</summary>
internal class ConfigMapRules : KindRules
{
    private const int Largest = 1 << 20;
    private static readonly string[] Fields = ["data", "binaryData"];

    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        int size = 0;
        foreach (string field in Fields)
        {
            foreach ((string key, JsonNode? value) in item.Map(field) ?? [])
            {
                size += value.Text()?.Length ?? 0;
                if (NameRules.ConfigKey(key) is { } wrong)
                {
                    errors.Add(FieldError.Invalid($"{field}[{key}]", key, wrong));
                }
            }
        }

        if (size > Largest)
        {
            errors.Add(FieldError.TooLong("", Largest));
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (old.Flag("immutable") != true)
        {
            return;
        }

        if (item.Flag("immutable") != true)
        {
            errors.Add(FieldError.Forbidden("immutable", "field is immutable when `immutable` is set"));
        }

        foreach (string field in Fields.Where(field => !item[field].Same(old[field])))
        {
            errors.Add(FieldError.Forbidden(field, "field is immutable when `immutable` is set"));
        }
    }
}
