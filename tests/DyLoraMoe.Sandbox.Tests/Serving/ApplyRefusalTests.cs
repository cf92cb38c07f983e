using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What server-side apply does not take, worded as the real API server words it.</summary>
public sealed class ApplyRefusalTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Other = "11111111-2222-3333-4444-555555555555";

    [Theory]
    [InlineData(ConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, foo: 1}", "(/a; /v1, Kind=ConfigMap): .foo: field not declared in schema")]
    [InlineData(ConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, foo: 1}}", "(/a; /v1, Kind=ConfigMap): .metadata.foo: field not declared in schema")]
    [InlineData(ConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: 1}}", "(/a; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData(ConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: [1]}", "(/a; /v1, Kind=ConfigMap): .data: expected map, got &{[1]}")]
    [InlineData(Deployments, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: c, nope: 1}]}}}}", "(/a; apps/v1, Kind=Deployment): .spec.template.spec.containers[name=\"c\"].nope: field not declared in schema")]
    [InlineData(Deployments, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{name: c}, {name: c}]}}}}", "(/a; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name=\"c\"]")]
    [InlineData(Deployments, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: '3'}}", "(/a; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string")]
    [InlineData(Widgets, "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {size: 1, foo: 1}}", "(/a; example.com/v1, Kind=Widget): .spec.foo: field not declared in schema")]
    public async Task What_the_schema_does_not_declare_is_no_patch_at_all(string path, string manifest, string message)
    {
        foreach (string mode in (IEnumerable<string>)["", "&fieldValidation=Ignore", "&fieldValidation=Strict"])
        {
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PATCH", $"{path}/a?fieldManager=tests{mode}", manifest, "application/apply-patch+yaml");

            Assert.Equal((HttpStatusCode.InternalServerError, "failed to create typed patch object " + message), (code, (string?)answer["message"]));
        }
    }

    [Fact]
    public async Task An_object_that_is_not_there_has_no_uid_and_one_that_is_keeps_its_own()
    {
        (HttpStatusCode code, JsonObject answer) = await ApplyAsync("uid", $"name: uid, uid: {Other}");
        Assert.Equal(
            (HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on configmaps \"uid\": uid mismatch: the provided object specified uid {Other}, and no existing object was found"),
            (code, (string?)answer["reason"], (string?)answer["message"]));

        (_, JsonObject made) = await ApplyAsync("uid", "name: uid");
        (code, answer) = await ApplyAsync("uid", $"name: uid, uid: {Other}");
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, $"ConfigMap \"uid\" is invalid: metadata.uid: Invalid value: \"{Other}\": field is immutable"), (code, (string?)answer["message"]));
        (code, _) = await ApplyAsync("uid", $"name: uid, uid: {(string)made["metadata"]!["uid"]!}");
        Assert.Equal(HttpStatusCode.OK, code);
    }

    [Theory]
    [InlineData("name: other", "the name of the object (other) does not match the name on the URL (named)")]
    [InlineData("labels: {a: b}", "the name of the object (named based on URL) was undeterminable: name must be provided")]
    [InlineData("name: named, namespace: other", "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("name: named, managedFields: []", "metadata.managedFields must be nil")]
    public async Task An_applied_object_says_who_it_is_as_its_path_does(string metadata, string message)
    {
        (HttpStatusCode code, JsonObject answer) = await ApplyAsync("named", metadata);

        Assert.Equal((HttpStatusCode.BadRequest, message), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_version_does_not_keep_an_object_from_being_created() =>
        Assert.Equal(HttpStatusCode.Created, (await ApplyAsync("versioned", "name: versioned, resourceVersion: '1'")).Code);

    [Fact]
    public async Task Conflicts_are_told_by_manager_and_an_applier_by_its_name_alone()
    {
        await ApplyAsync("shared", "name: shared", "{a: '1', b: '1'}", "first");
        await ApplyAsync("shared", "name: shared", "{a: '1'}", "second");

        (_, JsonObject answer) = await ApplyAsync("shared", "name: shared", "{a: '2', b: '2'}", "third");
        Assert.Equal("Apply failed with 3 conflicts: conflicts with \"first\":\n- .data.a\n- .data.b\nconflicts with \"second\":\n- .data.a", (string?)answer["message"]);

        (HttpStatusCode code, JsonObject forced) = await api.ApplyAsync(ConfigMaps + "/shared", "{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {a: '2'}}", "third", force: true);
        Assert.Equal((HttpStatusCode.OK, "first third"), (code, string.Join(' ', forced["metadata"]!["managedFields"]!.AsArray().Select(entry => (string)entry!["manager"]!).Order(StringComparer.Ordinal))));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public async Task Of_an_object_that_nobody_keeps_account_of_nobody_does_until_something_is_applied(string list)
    {
        string name = list.Length == 2 ? "forgotten" : "forgotten-too";
        await api.OkAsync("POST", $"{ConfigMaps}?fieldManager=one", $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"a":"1"}}""");
        await api.OkAsync("PATCH", $"{ConfigMaps}/{name}?fieldManager=one", $$$"""{"metadata":{"managedFields":{{{list}}}}}""", "application/merge-patch+json");
        JsonObject changed = await api.OkAsync("PATCH", $"{ConfigMaps}/{name}?fieldManager=one", """{"data":{"a":"2"}}""", "application/merge-patch+json");
        Assert.Null(changed["metadata"]!["managedFields"]);

        (HttpStatusCode code, JsonObject answer) = await ApplyAsync(name, $"name: {name}", "{a: '3'}", "second");
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a"), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_list_of_managers_that_cannot_be_read_is_not_taken()
    {
        JsonObject item = await api.OkAsync("POST", $"{ConfigMaps}?fieldManager=one", """{"metadata":{"name":"unread"},"data":{"a":"1"}}""");
        item["metadata"]!["managedFields"] = JsonNode.Parse("""[{"manager":"x","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"x":1}}]""");

        JsonObject written = await api.OkAsync("PUT", ConfigMaps + "/unread", item.ToJsonString());

        Assert.Equal("one", (string?)Assert.Single(written["metadata"]!["managedFields"]!.AsArray())!["manager"]);
    }

    private Task<(HttpStatusCode Code, JsonObject Body)> ApplyAsync(string name, string metadata, string data = "{}", string manager = "tests") =>
        api.ApplyAsync($"{ConfigMaps}/{name}", $"{{apiVersion: v1, kind: ConfigMap, metadata: {{{metadata}}}, data: {data}}}", manager);
}
