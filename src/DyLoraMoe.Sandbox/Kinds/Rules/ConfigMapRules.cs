using System.Text;
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
        long size = 0;
        foreach (string field in Fields)
        {
            foreach ((string key, JsonNode? value) in item.Map(field) ?? [])
            {
                size += Bytes(value.Text() ?? "", field);
                if (NameRules.ConfigKey(key) is { } wrong)
                {
                    errors.Add(FieldError.Invalid($"{field}[{key}]", key, wrong));
                }
                else if (field == "data" && item.Map("binaryData")?.ContainsKey(key) == true)
                {
                    errors.Add(FieldError.Invalid($"data[{key}]", key, "duplicate of key present in binaryData"));
                }
            }
        }

        if (size > Largest)
        {
            errors.Add(FieldError.TooLong(WholeField, Largest));
        }
    }

    /// <summary>The field that is told to be too long.</summary>
    protected virtual string WholeField => "[]";

    /// <summary>How many bytes a value is, of which Base64 writes four letters for three.</summary>
    protected virtual long Bytes(string value, string field) =>
        field == "binaryData" ? Decoded(value) : Encoding.UTF8.GetByteCount(value);

    /// <summary>How many bytes Base64 stands for.</summary>
    protected static long Decoded(string value) => value.Length / 4 * 3L - value.AsSpan().Count('=');

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
