using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>The laws of server-side apply and of updates that change nothing.</summary>
public sealed class ApplyTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    public static TheoryData<string, string> Objects => new()
    {
        { ConfigMaps + "/twice", "{apiVersion: v1, kind: ConfigMap, metadata: {name: twice, labels: {a: b}}, data: {a: one}}" },
        { Widgets + "/twice", "{apiVersion: example.com/v1, kind: Widget, metadata: {name: twice}, spec: {size: 3, anything: {x: [1]}}}" },
        { Deployments + "/twice", Running.Manifests.Deployment("twice") },
        { "/api/v1/namespaces/default/services/twice", "{apiVersion: v1, kind: Service, metadata: {name: twice}, spec: {selector: {a: b}, ports: [{port: 80, name: a}, {port: 81, name: b}]}}" },
    };

    [Theory]
    [MemberData(nameof(Objects))]
    public async Task Applying_twice_keeps_the_resource_version_and_shows_no_event(string path, string manifest)
    {
        (HttpStatusCode code, JsonObject first) = await api.ApplyAsync(path, manifest, "tests");
        Assert.True(code is HttpStatusCode.Created or HttpStatusCode.OK, first.ToJsonString());
        (code, JsonObject second) = await api.ApplyAsync(path, manifest, "tests");
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(Version(first), Version(second));
        Assert.Equal(Version(first), Version(await api.OkAsync("PUT", path, second.ToJsonString())));
        Assert.Equal(Version(first), Version(await api.OkAsync("PATCH", path, "{}", "application/merge-patch+json")));
        Assert.Equal(Version(first), Version(await api.OkAsync("PATCH", path, "[]", "application/json-patch+json")));

        await api.OkAsync("PATCH", path, """{"metadata":{"labels":{"last":"one"}}}""", "application/merge-patch+json");
        using StreamReader watch = await api.WatchAsync($"{path[..path.LastIndexOf('/')]}?watch=true&resourceVersion={Version(first)}&timeoutSeconds=20");
        JsonObject change = JsonNode.Parse((await watch.ReadLineAsync())!)!.AsObject();
        Assert.Equal("one", (string?)change["object"]!["metadata"]!["labels"]!["last"]);
    }

    [Fact]
    public async Task A_field_has_one_owner_unless_force_or_agreement_says_otherwise()
    {
        const string Path = ConfigMaps + "/owned";
        static string Manifest(string data) => $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: owned}}, data: {data}}}";
        await api.ApplyAsync(Path, Manifest("{a: one, b: two}"), "first");
        (HttpStatusCode code, JsonObject refusal) = await api.ApplyAsync(Path, Manifest("{a: zwei}"), "second");
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("FieldManagerConflict", (string?)refusal["details"]!["causes"]![0]!["reason"]);
        Assert.Equal(".data.a", (string?)refusal["details"]!["causes"]![0]!["field"]);

        (code, _) = await api.ApplyAsync(Path, Manifest("{a: one}"), "second");
        Assert.Equal(HttpStatusCode.OK, code);
        (code, JsonObject dropped) = await api.ApplyAsync(Path, Manifest("{b: two}"), "first");
        Assert.Equal("""{"a":"one","b":"two"}""", Sorted(dropped["data"]!));
        (code, JsonObject forced) = await api.ApplyAsync(Path, Manifest("{b: drei}"), "second", force: true);
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal("""{"b":"drei"}""", Sorted(forced["data"]!));
    }

    [Fact]
    public async Task What_a_manager_no_longer_applies_goes_and_what_others_set_stays()
    {
        const string Path = Deployments + "/kept";
        await api.ApplyAsync(Path, Running.Manifests.Deployment("kept", 3), "tests");
        await api.OkAsync("PATCH", Path, """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"x"}]}}}}""", "application/strategic-merge-patch+json");
        string without = Running.Manifests.Deployment("kept", 3).Replace("  replicas: 3\n", "", StringComparison.Ordinal).Replace(", command: [sleeper]", "", StringComparison.Ordinal);
        (HttpStatusCode code, JsonObject item) = await api.ApplyAsync(Path, without, "tests");
        Assert.True(code == HttpStatusCode.OK, item.ToJsonString());
        Assert.Equal(1, (int)item["spec"]!["replicas"]!);
        JsonArray containers = item["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["main", "side"], containers.Select(container => (string)container!["name"]!).Order());
        Assert.Null(containers.Single(container => (string)container!["name"]! == "main")!["command"]);
    }

    [Fact]
    public async Task A_client_moves_fields_from_one_manager_to_another_by_the_list_that_it_sends()
    {
        JsonObject item = await api.OkAsync("POST", ConfigMaps + "?fieldManager=old", """{"metadata":{"name":"moved"},"data":{"a":"1","b":"2"}}""");
        JsonArray list = item["metadata"]!["managedFields"]!.AsArray();
        (list[0]!["manager"], list[0]!["operation"], list[0]!["time"]) = ("new", "Apply", "2026-01-02T03:04:05.678901Z");
        await api.OkAsync("PATCH", ConfigMaps + "/moved", new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = list.DeepClone() }).ToJsonString(), "application/json-patch+json");
        JsonNode owner = Assert.Single((await api.OkAsync("GET", ConfigMaps + "/moved"))["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal("new Apply 2026-01-02T03:04:05Z", $"{owner["manager"]} {owner["operation"]} {owner["time"]}");

        (_, item) = await api.ApplyAsync(ConfigMaps + "/moved", "{apiVersion: v1, kind: ConfigMap, metadata: {name: moved}, data: {a: '1'}}", "new");
        Assert.Equal("""{"a":"1"}""", item["data"]!.ToJsonString());

        item["metadata"]!["managedFields"]![0]!["fieldsType"] = "FieldsV9";
        item = await api.OkAsync("PUT", ConfigMaps + "/moved", item.ToJsonString());
        Assert.Equal("new", (string?)Assert.Single(item["metadata"]!["managedFields"]!.AsArray())!["manager"]);
    }

    [Fact]
    public async Task What_kubectl_applied_last_is_in_no_conflict_with_kubectl_but_what_was_changed_since_is()
    {
        const string Path = ConfigMaps + "/last", Last = """{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1","b":"2"},"metadata":{"name":"last"}}""";
        JsonObject first = JsonNode.Parse(Last)!.AsObject();
        first["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/last-applied-configuration"] = Last };
        await api.OkAsync("POST", ConfigMaps + "?fieldManager=kubectl-client-side-apply", first.ToJsonString());
        await api.OkAsync("PATCH", Path + "?fieldManager=somebody", """{"data":{"b":"3"}}""", "application/merge-patch+json");

        (HttpStatusCode code, JsonObject refusal) = await api.ApplyAsync(Path, Last.Replace("\"1\"", "\"one\"", StringComparison.Ordinal), "kubectl");
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal([".data.b"], refusal["details"]!["causes"]!.AsArray().Select(cause => (string)cause!["field"]!));
        (code, _) = await api.ApplyAsync(Path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"last"},"data":{"a":"one"}}""", "other");
        Assert.Equal(HttpStatusCode.Conflict, code);

        (code, JsonObject applied) = await api.ApplyAsync(Path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"last"},"data":{"a":"one"}}""", "kubectl");
        Assert.True(code == HttpStatusCode.OK, applied.ToJsonString());
        Assert.Equal(
            """{"apiVersion":"v1","data":{"a":"one"},"kind":"ConfigMap","metadata":{"name":"last"}}""" + "\n",
            (string?)applied["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]);
    }

    [Fact]
    public async Task Two_writers_that_saw_the_same_version_do_not_both_win()
    {
        JsonObject seen = await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"raced"},"data":{"a":"1"}}""");
        JsonObject mine = seen.DeepClone().AsObject(), yours = seen.DeepClone().AsObject();
        mine["data"]!["a"] = "2";
        yours["data"]!["a"] = "3";
        await api.OkAsync("PUT", ConfigMaps + "/raced", mine.ToJsonString());
        (HttpStatusCode code, JsonObject refusal) = await api.SendAsync("PUT", ConfigMaps + "/raced", yours.ToJsonString());
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (code, (string?)refusal["reason"]));
    }

    [Fact]
    public async Task A_dry_run_answers_as_the_write_would_and_writes_nothing()
    {
        JsonObject made = await api.OkAsync("POST", Widgets + "?dryRun=All", """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"dry"},"spec":{"size":1}}""");
        Assert.Equal("red", (string?)made["spec"]!["color"]);
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync("GET", Widgets + "/dry")).Code);
    }

    private static string Version(JsonObject item) => (string)item["metadata"]!["resourceVersion"]!;

    private static string Sorted(JsonNode data) => new JsonObject(data.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
