using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using DyLoraMoe.Api.Resources;
using k8s.Models;
using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Validation;

/// <summary>
/// Bounds of single fields, read from the same attributes that the CRD is made from, so that both say the same. Rules between fields are written
/// out per kind.
/// </summary>
internal static class FieldBounds
{
    private static readonly ConcurrentDictionary<string, Regex> _patterns = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> _looks = new(StringComparer.Ordinal)
    {
        [Patterns.ResourceName] = "lower-case letters, digits and '-', beginning with a letter",
        [Patterns.ObjectName] = "lower-case letters, digits, '-' and '.', as names in Kubernetes are",
        [Patterns.ConfigMapKey] = "letters, digits, '-', '_' and '.'",
        [Patterns.LabelValue] = "letters, digits, '-', '_' and '.', with a letter or a digit at either end",
        [Patterns.RelativePath] = "a path without a slash at its beginning",
        [Patterns.Digest] = "sha256: and 64 hexadecimal digits in lower case",
        [Patterns.DecimalNumber] = "a number as text, such as \"0.01\" or \"2e-3\"",
        [Patterns.ModuleName] = "the name of a module, such as q_proj",
        [Patterns.FieldName] = "the name of a field, without braces",
        [Patterns.BucketName] = "the name of a bucket",
        [Patterns.KeyPrefix] = "a prefix without a slash at either end",
        [Patterns.Endpoint] = "http:// or https:// with a host and perhaps a port, and no path",
        [Patterns.Address] = "http:// or https:// with a host, perhaps a port and a path, and no query",
        [Patterns.MemorySize] = "a whole number of Mi, Gi or Ti below 10Ti, such as 512Mi or 4Gi",
        [Patterns.Schedule] = "five fields as cron has them, such as \"0 3 * * *\", or a name such as @daily",
        [Patterns.TimeZone] = "the name of a time zone, such as Europe/Vienna",
        [Patterns.GrowthAxis] = "one of Depth, FeedForward, Heads and Hidden",
        [Patterns.Region] = "lower-case letters, digits and '-'",
    };

    /// <summary>Checks every field below a value.</summary>
    public static void Check(ErrorList errors, string path, object value)
    {
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length == 0)
            {
                Field(errors, $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}", property, property.GetValue(value));
            }
        }
    }

    private static void Field(ErrorList errors, string path, PropertyInfo property, object? value)
    {
        switch (value)
        {
            case null:
                if (property.GetCustomAttribute<RequiredAttribute>() is not null)
                {
                    errors.Add(path, "a value", "nothing", "set it");
                }

                break;
            case string text:
                Text(errors, path, property, text);
                break;
            case int or long:
                Number(errors, path, property, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case V1ResourceRequirements resources:
                PodFields.Resources(errors, path, resources);
                break;
            case IDictionary<string, string> map:
                Map(errors, path, property, map);
                break;
            case IList list:
                Items(errors, path, property, list);
                break;
            default:
                Nested(errors, path, value);
                break;
        }
    }

    private static void Nested(ErrorList errors, string path, object value)
    {
        if (value.GetType().Assembly == typeof(FieldBounds).Assembly)
        {
            Check(errors, path, value);
        }
    }

    private static void Text(ErrorList errors, string path, PropertyInfo property, string text)
    {
        if (property.GetCustomAttribute<EnumValuesAttribute>() is { } values)
        {
            Choice(errors, path, text, [.. values.Values.Select(value => value.ToString()!)]);
            return;
        }

        var length = Length(text);
        if (property.GetCustomAttribute<LengthAttribute>() is { } bounds)
        {
            if (length < bounds.MinLength)
            {
                errors.Add(path, $"at least {bounds.MinLength} characters", length == 0 ? "none" : $"{length}", "set it");
                return;
            }

            AtMost(errors, path, length, bounds.MaxLength ?? long.MaxValue);
        }

        if (property.GetCustomAttribute<PatternAttribute>() is { } pattern)
        {
            Looks(errors, path, text, pattern.RegexPattern);
        }
    }

    private static void Number(ErrorList errors, string path, PropertyInfo property, long number)
    {
        var least = property.GetCustomAttribute<RangeMinimumAttribute>()?.Minimum;
        var most = property.GetCustomAttribute<RangeMaximumAttribute>()?.Maximum;
        if (number < least || number > most)
        {
            var range = most is null ? $"a number of at least {least:0}" : $"a number from {least:0} to {most:0}";
            errors.Add(path, range, ErrorList.Show(number), "choose one in this range");
        }
    }

    private static void Map(ErrorList errors, string path, PropertyInfo property, IDictionary<string, string> map)
    {
        if (property.GetCustomAttribute<PropertyLimitsAttribute>() is { } limits && map.Count > limits.MaxProperties)
        {
            errors.Add(path, $"at most {limits.MaxProperties} entries", $"{map.Count}", "remove some");
        }

        foreach (var (key, value) in map)
        {
            Each(errors, $"{path}.{key}", property, value);
        }
    }

    private static void Items(ErrorList errors, string path, PropertyInfo property, IList list)
    {
        if (property.GetCustomAttribute<ItemsAttribute>() is { } bounds && (list.Count < bounds.MinItems || list.Count > bounds.MaxItems))
        {
            errors.Add(path, $"from {bounds.MinItems ?? 0} to {bounds.MaxItems} entries", $"{list.Count}", list.Count < bounds.MinItems ? "add one, or leave the field out" : "remove some");
        }

        var seen = new HashSet<object>();
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            var place = $"{path}[{i}]";
            if (item is not null && property.GetCustomAttribute<XListTypeAttribute>() is { ListType: not XListType.Atomic } && !seen.Add(Key(property, item)))
            {
                errors.Add(place, "each entry once", ErrorList.Show(Key(property, item)) + " again", "remove it");
            }

            Item(errors, place, property, item);
        }
    }

    private static void Item(ErrorList errors, string path, PropertyInfo property, object? item)
    {
        switch (item)
        {
            case null:
                errors.Add(path, "a value", "nothing", "remove the entry");
                break;
            case string text:
                Each(errors, path, property, text);
                break;
            case V1Toleration toleration:
                PodFields.Toleration(errors, path, toleration);
                break;
            default:
                Nested(errors, path, item);
                break;
        }
    }

    /// <summary>What makes an entry of a list the same as another: itself or, in a list by key, the value of its key.</summary>
    private static object Key(PropertyInfo list, object item) =>
        list.GetCustomAttribute<XListMapKeysAttribute>() is { Keys: [var key, ..] }
            ? item.GetType().GetProperties().First(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name) == key).GetValue(item) ?? ""
            : item;

    private static void Each(ErrorList errors, string path, PropertyInfo property, string text)
    {
        if (property.GetCustomAttribute<EachAttribute>() is not { } each)
        {
            return;
        }

        AtMost(errors, path, Length(text), each.MaxLength);
        if (each.Pattern is { } pattern)
        {
            Looks(errors, path, text, pattern);
        }
    }

    public static void Choice(ErrorList errors, string path, string? text, params string[] values)
    {
        if (text is not null && !values.Contains(text, StringComparer.Ordinal))
        {
            errors.Add(path, "one of " + string.Join(", ", values), ErrorList.Show(text), "write one of these, in the same case");
        }
    }

    public static void Looks(ErrorList errors, string path, string text, string pattern)
    {
        if (!Matches(text, pattern))
        {
            errors.Add(path, _looks.GetValueOrDefault(pattern, "what matches " + pattern), ErrorList.Show(text), "write it so");
        }
    }

    public static void AtMost(ErrorList errors, string path, int length, long most)
    {
        if (length > most)
        {
            errors.Add(path, $"at most {most} characters", $"{length}", "shorten it");
        }
    }

    /// <summary>Length in characters of Unicode, as the API server counts.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary>Whether a pattern matches as it does in RE2, where <c>$</c> is the end and nothing but the end.</summary>
    public static bool Matches(string text, string pattern)
    {
        var match = _patterns.GetOrAdd(pattern, static pattern => new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)).Match(text);
        return match.Success && !(pattern.EndsWith('$') && match.Index + match.Length != text.Length);
    }
}
