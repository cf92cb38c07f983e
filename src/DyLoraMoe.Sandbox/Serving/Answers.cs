using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Writes answers.</summary>
internal static class Answers
{
    /// <summary>Writes any value as JSON.</summary>
    public static async Task WriteAsync(HttpContext http, JsonNode value, int code = 200, string type = MediaTypes.Json)
    {
        byte[] bytes = JsonText.Bytes(value);
        http.Response.StatusCode = code;
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes an object in the form that the client takes.</summary>
    public static Task WriteObjectAsync(ApiRequest request, JsonObject item, DateTimeOffset now, int code = 200) => WriteAsync(request.Http, MediaTypes.Negotiate(request.Http.Request) switch
    {
        ObjectForm.Table => TableView.Of(request.Kind.Columns, [item], new JsonObject { ["resourceVersion"] = item.Text("metadata", "resourceVersion") ?? "" }, IncludeOf(request), now),
        ObjectForm.Partial => TableView.Partial(item),
        _ => item,
    }, code);

    /// <summary>How much of each object comes with a row.</summary>
    public static TableView.Include IncludeOf(ApiRequest request) => request.Query("includeObject") switch
    {
        "None" => TableView.Include.None,
        "Object" => TableView.Include.Object,
        _ => TableView.Include.Metadata,
    };

    /// <summary>The Status of a deletion that is done.</summary>
    public static JsonObject Deleted(ResourceKind kind, JsonObject item)
    {
        JsonObject details = new() { ["name"] = item.Text("metadata", "name") };
        if (kind.Group.Length > 0)
        {
            details["group"] = kind.Group;
        }

        details["kind"] = kind.Plural;
        details["uid"] = item.Text("metadata", "uid");
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
