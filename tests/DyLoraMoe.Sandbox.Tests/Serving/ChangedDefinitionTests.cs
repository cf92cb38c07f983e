using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>Custom resources whose definition changed since they were written.</summary>
public sealed class ChangedDefinitionTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string Merge = "application/merge-patch+json";

    [Fact]
    public async Task What_a_stricter_schema_would_not_take_stays_while_something_else_changes()
    {
        string path = await DefineAsync("gauges", "size: {type: integer}, name: {type: string}, tags: {type: array, items: {type: string}}", "note: {type: string}");
        await api.OkAsync("POST", path, Object("Gauge", "a", """{"size":50,"name":"long","tags":["x","x"]}""", ",\"finalizers\":[\"example.com/hold\"]"));
        await DefineAsync(
            "gauges",
            "size: {type: integer, maximum: 40, x-kubernetes-validations: [{rule: self < 30, message: too big}]}, name: {type: string, maxLength: 3}, " +
            "tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}",
            "note: {type: string, maxLength: 3}");

        await api.OkAsync("PATCH", path + "/a", """{"metadata":{"labels":{"a":"b"}}}""", Merge);
        await api.OkAsync("PATCH", path + "/a/status", """{"status":{"note":"new"}}""", Merge);
        await api.OkAsync("PATCH", path + "/a", """{"spec":{"name":"new"}}""", Merge);
        Assert.Contains("spec.size: Invalid value", await RefusedAsync("PATCH", path + "/a", """{"spec":{"size":51}}"""), StringComparison.Ordinal);
        Assert.Contains("too big", await RefusedAsync("PATCH", path + "/a", """{"spec":{"size":35}}"""), StringComparison.Ordinal);
        Assert.Contains("status.note: Too long", await RefusedAsync("PATCH", path + "/a/status", """{"status":{"note":"long"}}"""), StringComparison.Ordinal);
        Assert.Contains("spec.name: Too long", await RefusedAsync("PATCH", path + "/a", """{"spec":{"name":"long"}}"""), StringComparison.Ordinal);
        await api.OkAsync("PATCH", path + "/a", """{"spec":{"tags":["x","x","y"]}}""", Merge);
        await api.OkAsync("PATCH", path + "/a", """{"spec":{"tags":["x"]}}""", Merge);
        Assert.Contains("spec.tags[1]: Duplicate value", await RefusedAsync("PATCH", path + "/a", """{"spec":{"tags":["x","x"]}}"""), StringComparison.Ordinal);
        Assert.Contains("spec.size: Invalid value", await RefusedAsync("POST", path, Object("Gauge", "b", """{"size":50}""")), StringComparison.Ordinal);

        await api.OkAsync("DELETE", path + "/a");
        await api.OkAsync("PATCH", path + "/a", """{"metadata":{"finalizers":null}}""", Merge);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync("GET", path + "/a")).Code);
    }

    [Fact]
    public async Task A_new_rule_is_asked_where_something_changed_and_one_about_changes_always()
    {
        const string Parts = "type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {type: object, properties: {name: {type: string}, size: {type: integer";
        string path = await DefineAsync("racks", $"free: {{type: string}}, parts: {{{Parts}}}}}}}}}");
        await api.OkAsync("POST", path, Object("Rack", "a", """{"free":"one","parts":[{"name":"old","size":7},{"name":"other","size":8}]}"""));
        await DefineAsync("racks", $"free: {{type: string, x-kubernetes-validations: [{{rule: 'self == oldSelf || self == \"two\"', message: only two}}]}}, parts: {{{Parts}, x-kubernetes-validations: [{{rule: self < 5, message: too many}}]}}}}}}}}");

        await api.OkAsync("PATCH", path + "/a", """{"spec":{"free":"two","parts":[{"name":"old","size":7},{"name":"new","size":4}]}}""", Merge);
        Assert.Contains("spec.parts[0].size: Invalid value: 6: too many", await RefusedAsync("PATCH", path + "/a", """{"spec":{"parts":[{"name":"new","size":6},{"name":"old","size":7}]}}"""), StringComparison.Ordinal);
        Assert.Contains("only two", await RefusedAsync("PATCH", path + "/a", """{"spec":{"free":"three"}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_are_shown_with_the_defaults_and_without_the_fields_that_came_and_went_since_they_were_written()
    {
        string path = await DefineAsync("lamps", "size: {type: integer}, gone: {type: string}", "seen: {type: integer}");
        JsonObject written = await api.OkAsync("POST", path, Object("Lamp", "a", """{"size":1,"gone":"x"}"""));
        string watched = $"{path}?watch=true&timeoutSeconds=20&resourceVersion={written["metadata"]!["resourceVersion"]}";
        using StreamReader early = await api.WatchAsync(watched);
        await DefineAsync("lamps", "size: {type: integer}, color: {type: string, default: red}", "seen: {type: integer}, phase: {type: string, default: New}");

        const string Shown = """{"size":1,"color":"red"}""";
        Assert.Equal(Shown, (await api.OkAsync("GET", path + "/a"))["spec"]!.ToJsonString());
        Assert.Equal(Shown, Assert.Single((await api.OkAsync("GET", path))["items"]!.AsArray())!["spec"]!.ToJsonString());

        JsonObject marked = await api.OkAsync("PATCH", path + "/a/status", """{"status":{"seen":1}}""", Merge);
        Assert.Equal("""{"seen":1,"phase":"New"} 1""", $"{marked["status"]!.ToJsonString()} {marked["metadata"]!["generation"]}");
        using StreamReader late = await api.WatchAsync(watched);
        foreach (StreamReader watch in (StreamReader[])[early, late])
        {
            JsonNode change = JsonNode.Parse((await watch.ReadLineAsync())!)!;
            Assert.Equal("MODIFIED " + Shown, $"{change["type"]} {change["object"]!["spec"]!.ToJsonString()}");
        }

        await DefineAsync("lamps", "size: {type: integer}, color: {type: string, default: green}");
        Assert.Equal(Shown, (await api.OkAsync("GET", path + "/a"))["spec"]!.ToJsonString());
    }

    /// <summary>Makes or changes a definition, and returns the path of its objects.</summary>
    private async Task<string> DefineAsync(string plural, string spec, string status = "")
    {
        string kind = char.ToUpperInvariant(plural[0]) + plural[1..^1];
        string manifest = $$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: {{plural}}.changed.example.com}
            spec:
              group: changed.example.com
              scope: Namespaced
              names: {plural: {{plural}}, kind: {{kind}} }
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {} }
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        properties: { {{spec}} }
                      status:
                        type: object
                        properties: { {{status}} }
            """;
        (HttpStatusCode code, JsonObject answer) = await api.ApplyAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.changed.example.com", manifest, "tests");
        Assert.True(code is HttpStatusCode.OK or HttpStatusCode.Created, answer.ToJsonString());
        return $"/apis/changed.example.com/v1/namespaces/default/{plural}";
    }

    private async Task<string> RefusedAsync(string method, string path, string body)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync(method, path, body, method == "PATCH" ? Merge : "application/json");
        Assert.True(code == HttpStatusCode.UnprocessableEntity, $"{method} {path} {body}: {answer.ToJsonString()}");
        return (string)answer["message"]!;
    }

    private static string Object(string kind, string name, string spec, string metadata = "") =>
        $$"""{"apiVersion":"changed.example.com/v1","kind":"{{kind}}","metadata":{"name":"{{name}}"{{metadata}} },"spec":{{spec}} }""";
}
