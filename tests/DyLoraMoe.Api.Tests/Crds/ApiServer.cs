using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cel;
using Json.Schema;

namespace DyLoraMoe.Api.Tests.Crds;

/// <summary>What the API server makes of a manifest by its definition: defaults, then the schema, then the rules in CEL.</summary>
internal static class ApiServer
{
    private static readonly CelEnvironment _environment = new(null, "");
    private static readonly Dictionary<string, CelProgramDelegate> _programs = [];
    private static readonly Dictionary<string, JsonSchema> _schemas = [];

    /// <summary>The fields that are blamed, with what is said; none when the manifest is accepted.</summary>
    public static IReadOnlyList<(string Path, string Message)> Refusals(string kind, JsonObject manifest, JsonObject? old = null)
    {
        var schema = CrdFiles.Schema(kind);
        var now = Defaulted(schema, manifest);
        var errors = SchemaErrors(schema, now);
        return errors.Count > 0 ? errors : [.. RuleErrors(schema, now, old is null ? null : Defaulted(schema, old), "")];
    }

    /// <summary>What is wrong with a default when a definition is created: it is taken as it stands, with and without an older value.</summary>
    public static IReadOnlyList<string> RefusalsOfDefault(JsonObject schema, bool withOld)
    {
        var value = schema["default"]!;
        using var document = JsonDocument.Parse(value.ToJsonString());
        if (!JsonSchema.FromText(Plain(schema).ToJsonString()).Evaluate(document.RootElement).IsValid)
        {
            return ["does not fit its schema"];
        }

        return [.. RuleErrors(schema, value, withOld ? value : null, "").Select(error => $"{error.Path}: {error.Message}")];
    }

    /// <summary>Whether a value may stand where a schema is, whatever is around it. Formats of numbers do not count, as before Kubernetes 1.36.</summary>
    public static bool Accepts(JsonObject schema, JsonNode value)
    {
        using var document = JsonDocument.Parse(value.ToJsonString());
        return Validator(Plain(schema).ToJsonString()).Evaluate(document.RootElement).IsValid && (schema["format"]?.GetValue<string>() != "date-time" || IsTime(value.GetValue<string>())) && FollowsRules(schema, value);
    }

    public static JsonObject Defaulted(JsonObject schema, JsonObject manifest)
    {
        var copy = manifest.DeepClone().AsObject();
        Default(schema, copy);
        return copy;
    }

    public static object? Evaluate(string expression, IReadOnlyDictionary<string, object?> variables)
    {
        lock (_programs)
        {
            if (!_programs.TryGetValue(expression, out var program))
            {
                program = _programs[expression] = _environment.Compile(expression);
            }

            return program.Invoke(variables.ToDictionary());
        }
    }

    public static object? Value(JsonNode? node) => node switch
    {
        null => null,
        JsonObject map => map.ToDictionary(entry => entry.Key, entry => Value(entry.Value)),
        JsonArray list => list.Select(Value).ToList(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ when long.TryParse(node.ToJsonString(), out var integer) => integer,
            _ => double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    private static JsonSchema Validator(string schema)
    {
        lock (_schemas)
        {
            if (!_schemas.TryGetValue(schema, out var validator))
            {
                validator = _schemas[schema] = JsonSchema.FromText(schema);
            }

            return validator;
        }
    }

    // What the API server's format takes for a time.
    private static bool IsTime(string text) =>
        Regex.Match(text, "^([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$", RegexOptions.IgnoreCase) is { Success: true } parts
        && (parts.Groups[1].Value.StartsWith("0000", StringComparison.Ordinal) || DateOnly.TryParse(parts.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture, out _))
        && string.CompareOrdinal(parts.Groups[2].Value, "24") < 0 && string.CompareOrdinal(parts.Groups[3].Value, "60") < 0 && string.CompareOrdinal(parts.Groups[4].Value, "60") < 0;

    private static bool FollowsRules(JsonObject schema, JsonNode value)
    {
        try
        {
            return !RuleErrors(schema, value, null, "").Any();
        }
        catch (Exception error) when (error is CelException or FormatException or OverflowException)
        {
            return false;
        }
    }

    private static void Default(JsonObject schema, JsonNode value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
                {
                    if (map[name] is null && property!["default"] is { } given)
                    {
                        map[name] = given.DeepClone();
                    }

                    if (map[name] is { } child)
                    {
                        Default(property!.AsObject(), child);
                    }
                }

                break;
            case JsonArray list when schema["items"] is JsonObject items:
                foreach (var item in list)
                {
                    Default(items, item!);
                }

                break;
        }
    }

    private static List<(string Path, string Message)> SchemaErrors(JsonObject schema, JsonObject manifest)
    {
        var validator = Validator(Plain(schema).ToJsonString());

        using var document = JsonDocument.Parse(manifest.ToJsonString());
        var results = validator.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        if (results.IsValid)
        {
            return [.. Duplicates(schema, manifest, "")];
        }

        // An alternative that does not fit is no error while another does.
        var errors = (results.Details ?? [])
            .Where(detail => detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Select(error => (Path(detail.InstanceLocation.ToString()), error.Value, Inside: detail.EvaluationPath.ToString().Contains("/anyOf/", StringComparison.Ordinal))))
            .ToList();
        var outside = errors.Where(error => !error.Inside).ToList();
        return [.. (outside.Count > 0 ? outside : errors).Select(error => (error.Item1, error.Value))];
    }

    /// <summary>Entries of sets and of lists by key that are there twice.</summary>
    private static IEnumerable<(string Path, string Message)> Duplicates(JsonObject schema, JsonNode? value, string path)
    {
        if (value is JsonArray list && schema["x-kubernetes-list-type"]?.GetValue<string>() is "set" or "map")
        {
            var key = schema["x-kubernetes-list-map-keys"]?[0]?.GetValue<string>();
            var seen = new HashSet<string>();
            for (var i = 0; i < ((JsonArray)value!).Count; i++)
            {
                var item = ((JsonArray)value)[i]!;
                if (!seen.Add((key is null ? item : item[key]!).ToJsonString()))
                {
                    yield return ($"{path}[{i}]", "is there twice");
                }
            }
        }

        foreach (var (place, below, child) in Below(schema, value, path))
        {
            foreach (var error in Duplicates(below, child, place))
            {
                yield return error;
            }
        }
    }

    /// <summary>The field below a rule's object that its message begins with; null when it begins with none, and means the object.</summary>
    public static string? Blamed(JsonNode schema, string message)
    {
        var first = message.Split(' ', ',')[0];
        return first.Split('.').Aggregate((JsonNode?)schema, (below, name) => below?["properties"]?[name]) is null ? null : first;
    }

    private static IEnumerable<(string Path, string Message)> RuleErrors(JsonObject schema, JsonNode? now, JsonNode? old, string path)
    {
        foreach (var rule in schema["x-kubernetes-validations"]?.AsArray() ?? [])
        {
            var expression = rule!["rule"]!.GetValue<string>();
            if (expression.Contains("oldSelf", StringComparison.Ordinal) && old is null)
            {
                continue;
            }

            var variables = new Dictionary<string, object?> { ["self"] = Value(now), ["oldSelf"] = Value(old) };
            if (Evaluate(expression, variables) is not true)
            {
                var message = rule["message"]!.GetValue<string>();
                yield return (Blamed(schema, message) is { } field ? $"{path}.{field}" : path, message);
            }
        }

        foreach (var (place, below, child) in Below(schema, now, path))
        {
            foreach (var error in RuleErrors(below, child, Same(old, place[(path.Length == 0 ? 0 : path.Length + 1)..]), place))
            {
                yield return error;
            }
        }
    }

    private static JsonNode? Same(JsonNode? old, string name) => old is JsonObject map ? map[name] : null;

    private static IEnumerable<(string Path, JsonObject Schema, JsonNode Value)> Below(JsonObject schema, JsonNode? value, string path)
    {
        if (value is JsonArray list && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                yield return ($"{path}[{i}]", items, list[i]!);
            }
        }

        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            if (value is JsonObject map && map[name] is { } child)
            {
                yield return (path.Length == 0 ? name : $"{path}.{name}", property!.AsObject(), child);
            }
        }
    }

    /// <summary>The part of a schema that is JSON Schema.</summary>
    private static JsonObject Plain(JsonObject schema)
    {
        var plain = new JsonObject();
        foreach (var (name, value) in schema)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) || name is "description" or "default" or "format")
            {
                continue;
            }

            plain[name] = name switch
            {
                "properties" => new JsonObject(value!.AsObject().Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Plain(property.Value!.AsObject())))),
                "items" or "additionalProperties" when value is JsonObject below => Plain(below),
                _ => value!.DeepClone(),
            };
        }

        return plain;
    }

    /// <summary>A JSON pointer as a path of Kubernetes: /spec/a/0 is spec.a[0].</summary>
    private static string Path(string pointer) =>
        pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
            .Aggregate("", (path, part) => part.All(char.IsAsciiDigit) ? $"{path}[{part}]" : path.Length == 0 ? part : $"{path}.{part}");
}
