using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>
/// Cuts a status to what its definition takes: messages of jobs, webhooks and Kubernetes have any length, and for one text too many the API server would
/// refuse all of a status, for ever.
/// </summary>
internal static class StatusBounds
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Field>> _known = new();

    /// <summary>Cuts every text and list below a status, in place.</summary>
    /// <param name="status">The status as it would be applied.</param>
    /// <param name="type">Its class, whose attributes the definition is made from.</param>
    public static void Fit(JsonObject status, Type type)
    {
        foreach (var field in _known.GetOrAdd(type, FieldsOf))
        {
            switch (status[field.Name])
            {
                case JsonArray list:
                    while (list.Count > field.Most)
                    {
                        list.RemoveAt(list.Count - 1);
                    }

                    FitItems(list, field);
                    break;
                case JsonObject below when field.Below is not null:
                    Fit(below, field.Below);
                    break;
                case JsonValue value when value.TryGetValue<string>(out var text) && text.Length > field.Most:
                    status[field.Name] = Cut(text, field.Most);
                    break;
            }
        }
    }

    /// <summary>A text of at most so many characters; what was longer ends in three dots.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        // Half a character of two could not be written.
        var end = char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1;
        return text[..end] + "…";
    }

    private static void FitItems(JsonArray list, Field field)
    {
        for (var index = 0; index < list.Count; index++)
        {
            if (list[index] is JsonObject item && field.Below is not null)
            {
                Fit(item, field.Below);
            }
            else if (list[index] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > field.MostOfItem)
            {
                list[index] = Cut(text, field.MostOfItem);
            }
        }
    }

    private static IReadOnlyList<Field> FieldsOf(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => new Field(JsonNamingPolicy.CamelCase.ConvertName(property.Name), MostOf(property), (int)(property.GetCustomAttribute<EachAttribute>()?.MaxLength ?? Bounds.TextLength), BelowOf(property.PropertyType))),
    ];

    private static int MostOf(PropertyInfo property) =>
        property.PropertyType == typeof(string) ? (int)(property.GetCustomAttribute<LengthAttribute>()?.MaxLength ?? Bounds.TextLength)
        : (int)(property.GetCustomAttribute<ItemsAttribute>()?.MaxItems ?? int.MaxValue);

    private static Type? BelowOf(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? BelowOf(type.GenericTypeArguments[^1])
        : type.Namespace?.StartsWith(nameof(DyLoraMoe), StringComparison.Ordinal) == true && type.IsClass ? type
        : null;

    private sealed record Field(string Name, int Most, int MostOfItem, Type? Below);
}
