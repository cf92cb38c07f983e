using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes single values invalid, with the words that all kinds have for it.</summary>
internal static class ValueChecks
{
    /// <summary>Checks that fields of an object, where they are set, are not negative.</summary>
    public static void NotNegative(JsonNode? item, string path, List<FieldError> errors, params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (item.Whole(field) is < 0 and { } value)
            {
                errors.Add(FieldError.Invalid($"{path}.{field}", value, "must be greater than or equal to 0"));
            }
        }
    }

    /// <summary>Checks a port by its number.</summary>
    public static void Port(long? port, string path, List<FieldError> errors) => Between(port, 1, 65535, path, errors);

    /// <summary>Checks a port by its number or its name.</summary>
    public static void PortOrName(JsonNode? port, string path, List<FieldError> errors)
    {
        if (port.Text() is { } name)
        {
            errors.AddRange(NameRules.Port(name).Select(bad => FieldError.Invalid(path, name, bad)));
        }
        else
        {
            Port(port.Whole() ?? 0, path, errors);
        }
    }

    /// <summary>Checks that a number, where there is one, is in a range.</summary>
    public static void Between(long? value, long least, long most, string path, List<FieldError> errors)
    {
        if (value < least || value > most)
        {
            errors.Add(FieldError.Invalid(path, value, $"must be between {least} and {most}, inclusive"));
        }
    }

    /// <summary>Checks a value of a closed set; an absent one when <paramref name="required"/>.</summary>
    public static void OneOf(JsonNode? value, string path, bool required, List<FieldError> errors, params string[] supported)
    {
        if (value is null or JsonValue && !supported.Contains(value.Text()) && (required || value.Text() is { Length: > 0 }))
        {
            errors.Add(FieldError.NotSupported(path, value ?? "", supported));
        }
    }
}
