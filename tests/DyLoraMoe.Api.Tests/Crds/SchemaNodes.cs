using System.Text.Json.Nodes;

namespace DyLoraMoe.Api.Tests.Crds;

/// <summary>Ways through a structural schema.</summary>
internal static class SchemaNodes
{
    /// <summary>A schema and all schemas below it, with their places.</summary>
    public static IEnumerable<(string Path, JsonObject Schema)> All(JsonObject schema, string path = "")
    {
        yield return (path, schema);
        foreach (var (name, child) in Children(schema))
        {
            foreach (var below in All(child, path + name))
            {
                yield return below;
            }
        }
    }

    private static IEnumerable<(string Name, JsonObject Schema)> Children(JsonObject schema)
    {
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            yield return ("." + name, property!.AsObject());
        }

        if (schema["items"] is JsonObject items)
        {
            yield return ("[]", items);
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            yield return ("{}", values);
        }
    }
}
