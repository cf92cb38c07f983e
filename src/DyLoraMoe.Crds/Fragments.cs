using System.Text.Json.Nodes;
using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Crds;

/// <summary>Schemas of Kubernetes' own types, as far as pods of ours use them.</summary>
internal static class Fragments
{
    /// <summary>The schema of a type; null when the type is none of these.</summary>
    public static JsonObject? Find(Type type)
    {
        if (type == typeof(V1ResourceRequirements))
        {
            return Resources();
        }

        if (type == typeof(V1Toleration))
        {
            return Toleration();
        }

        return type == typeof(V1Affinity) ? AffinityFragment.Schema() : null;
    }

    /// <summary>A string with a description.</summary>
    public static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    /// <summary>A string of a bounded length.</summary>
    public static JsonObject Bounded(string description, int length)
    {
        var schema = Text(description);
        schema["maxLength"] = length;
        return schema;
    }

    private static JsonObject Resources() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["limits"] = Quantities("Most that the container may have."),
            ["requests"] = Quantities("What a node must have free for the container. The same as limits where it is left out."),
        },
    };

    private static JsonObject Quantities(string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["maxProperties"] = 64,
        ["additionalProperties"] = new JsonObject
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
            ["x-kubernetes-int-or-string"] = true,
            ["minimum"] = 0,
            ["maximum"] = SchemaCompletion.LargestLong,
            ["pattern"] = Patterns.Quantity,
            ["maxLength"] = 32,
        },
    };

    private static JsonObject Toleration() => new()
    {
        ["type"] = "object",
        ["description"] = "A taint that a pod puts up with.",
        ["properties"] = new JsonObject
        {
            ["key"] = Bounded("Key of the taint. Any when it is left out; operator must then be Exists.", 316),
            ["operator"] = Choice("Whether the value must be equal, or the key is enough.", "Equal", "Exists"),
            ["value"] = Bounded("Value of the taint, when the operator is Equal.", 63),
            ["effect"] = Choice("Effect of the taint. Any when it is left out.", "NoSchedule", "PreferNoSchedule", "NoExecute"),
            ["tolerationSeconds"] = new JsonObject
            {
                ["type"] = "integer",
                ["format"] = "int64",
                ["minimum"] = int.MinValue,
                ["maximum"] = int.MaxValue,
                ["description"] = "How long a pod stays after a taint with the effect NoExecute appears. For ever when it is left out.",
            },
        },
    };

    private static JsonObject Choice(string description, params ReadOnlySpan<string> values)
    {
        var schema = Text(description);
        var list = new JsonArray();
        foreach (var value in values)
        {
            list.Add((JsonNode)value);
        }

        schema["enum"] = list;
        return schema;
    }
}
