using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>Objects as a Table, the form that <c>kubectl get</c> asks for.</summary>
internal static class TableView
{
    /// <summary>How much of each object comes with its row.</summary>
    public enum Include
    {
        /// <summary>Its metadata.</summary>
        Metadata,

        /// <summary>Nothing.</summary>
        None,

        /// <summary>All of it.</summary>
        Object,
    }

    /// <summary>A table of some objects.</summary>
    public static JsonObject Of(
        IReadOnlyList<Column> columns, IEnumerable<JsonObject> items, JsonObject metadata, Include include, DateTimeOffset now, bool headings = true)
    {
        JsonArray rows = [];
        foreach (JsonObject item in items)
        {
            rows.Add((JsonNode)Row(columns, item, include, now));
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = headings ? Headings(columns) : new JsonArray(),
            ["rows"] = rows,
        };
    }

    /// <summary>The metadata of an object as an object of its own.</summary>
    public static JsonObject Partial(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };

    private static JsonArray Headings(IReadOnlyList<Column> columns) => new([.. columns.Select(column => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    })]);

    private static JsonObject Row(IReadOnlyList<Column> columns, JsonObject item, Include include, DateTimeOffset now)
    {
        JsonObject row = new() { ["cells"] = new JsonArray([.. columns.Select(column => column.Value(item, now))]) };
        if (include != Include.None)
        {
            row["object"] = include == Include.Object ? item.DeepClone() : Partial(item);
        }

        return row;
    }
}
