using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes events invalid that say when they happened, and those that are written in the newer form. Each is in the older form here.</summary>
internal static class EventChecks
{
    private const int LongestWord = 128;
    private const int LongestNote = 1024;

    /// <summary>Checks who reports what, which an event with a time must say.</summary>
    public static void Timed(JsonObject item, string reporter, List<FieldError> errors)
    {
        string name = item.Text("reportingComponent") ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required(reporter));
        }

        errors.AddRange(NameRules.QualifiedName(name).Select(bad => FieldError.Invalid(reporter, name, bad)));
        foreach (string field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            if (string.IsNullOrEmpty(item.Text(field)))
            {
                errors.Add(FieldError.Required(field));
            }

            AtMost(item, field, LongestWord, errors);
        }

        AtMost(item, "message", LongestNote, errors);
    }

    /// <summary>Checks what the newer form alone asks for, and that nothing of the older one is set.</summary>
    public static void Newer(JsonObject item, List<FieldError> errors)
    {
        if (item.Map("series") is { } series && (series.Whole("count") ?? 0) < 2)
        {
            errors.Add(FieldError.Invalid("series.count", "", "should be at least 2"));
        }

        if (item.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Add(FieldError.Invalid("type", "", $"has invalid value: {item.Text("type")}"));
        }

        foreach (string field in (ReadOnlySpan<string>)["firstTimestamp", "lastTimestamp", "count", "source"])
        {
            if (item[field] is not (null or JsonObject { Count: 0 }) && item.Whole(field) is not 0)
            {
                errors.Add(FieldError.Invalid(field, "", "needs to be unset"));
            }
        }
    }

    private static void AtMost(JsonObject item, string field, int most, List<FieldError> errors)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(item.Text(field) ?? "") > most)
        {
            errors.Add(FieldError.Invalid(field, "", $"can have at most {most} characters"));
        }
    }
}
