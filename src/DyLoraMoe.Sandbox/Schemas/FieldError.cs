using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>One thing that is wrong with one field, worded as the real API server words it.</summary>
/// <param name="Field">The field's path.</param>
/// <param name="Reason">The machine-readable reason, such as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">What is wrong, without the field.</param>
internal sealed record FieldError(string Field, string Reason, string Message)
{
    /// <summary>Whether rules that need a well-formed object cannot run because of this error.</summary>
    public bool Blocks => Reason is "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueDuplicate" or "FieldValueTypeInvalid";

    /// <summary>A field that must be there.</summary>
    public static FieldError Required(string field, string detail = "") => new(field, "FieldValueRequired", Joined("Required value", detail));

    /// <summary>A value that is not allowed.</summary>
    public static FieldError Invalid(string field, JsonNode? value, string detail) => new(field, "FieldValueInvalid", Joined($"Invalid value: {Shown(value)}", detail));

    /// <summary>A value of the wrong type; <paramref name="shown"/> is what stands for the value.</summary>
    public static FieldError Type(string field, string shown, string detail) => new(field, "FieldValueTypeInvalid", Joined($"Invalid value: \"{shown}\"", detail));

    /// <summary>A value outside of an enumeration.</summary>
    public static FieldError NotSupported(string field, JsonNode? value, params IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {Shown(value)}: supported values: {string.Join(", ", supported.Select(Quoted))}");

    /// <summary>Something that may not be done.</summary>
    public static FieldError Forbidden(string field, string detail) => new(field, "FieldValueForbidden", $"Forbidden: {detail}");

    /// <summary>A value that may come only once.</summary>
    public static FieldError Duplicate(string field, JsonNode? value) => new(field, "FieldValueDuplicate", $"Duplicate value: {Shown(value)}");

    /// <summary>A reference to something that is not there.</summary>
    public static FieldError NotFound(string field, JsonNode? value) => new(field, "FieldValueNotFound", $"Not found: {Shown(value)}");

    /// <summary>A text that is too long.</summary>
    public static FieldError TooLong(string field, long most) => new(field, "FieldValueTooLong", $"Too long: must have at most {most} bytes");

    /// <summary>A text that has more letters than a schema allows.</summary>
    public static FieldError TooManyLetters(string field, long most) => new(field, "FieldValueTooLong", $"Too long: may not be longer than {most}");

    /// <summary>A list or map that is too long.</summary>
    public static FieldError TooMany(string field, int count, long most) => new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");

    /// <summary>How a value is shown in a message.</summary>
    public static string Shown(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue item when item.TryGetValue(out string? text) => Quoted(text),
        _ => JsonText.String(value),
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Message}";

    private static string Quoted(string text) => JsonText.String(JsonValue.Create(text));

    private static string Joined(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";
}
