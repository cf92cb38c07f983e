using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>Parameters of requests that make no sense, and objects that say something else than their path.</summary>
public sealed class OptionTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    private const string Dry = "dryRun: Unsupported value: []string{\"Server\"}: supported values: \"All\"";

    [Theory]
    [InlineData("POST", "?dryRun=Server", "{}", "CreateOptions", Dry)]
    [InlineData("POST", "?dryRun=", "{}", "CreateOptions", "dryRun: Unsupported value: []string{\"\"}: supported values: \"All\"")]
    [InlineData("PUT", "/there?dryRun=Server", """{"metadata":{"name":"there"}}""", "UpdateOptions", Dry)]
    [InlineData("PATCH", "/there?dryRun=Server", "{}", "PatchOptions", Dry)]
    [InlineData("PATCH", "/there?force=true", "{}", "PatchOptions", "force: Forbidden: may not be specified for non-apply patch")]
    [InlineData("PATCH", "/there?fieldValidation=Lax", "{}", "PatchOptions", "fieldValidation: Unsupported value: \"Lax\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"")]
    [InlineData("DELETE", "/there?dryRun=Server", null, "DeleteOptions", Dry)]
    [InlineData("DELETE", "/nowhere", """{"dryRun":["Server"]}""", "DeleteOptions", Dry)]
    [InlineData("DELETE", "?dryRun=Server", null, "DeleteOptions", Dry)]
    [InlineData("DELETE", "/there", """{"propagationPolicy":"Foreground","orphanDependents":true}""", "DeleteOptions", "propagationPolicy: Invalid value: \"Foreground\": orphanDependents and deletionPropagation cannot be both set")]
    [InlineData("GET", "?resourceVersionMatch=Exact", null, "ListOptions", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("GET", "?resourceVersionMatch=Nope&resourceVersion=1", null, "ListOptions", "resourceVersionMatch: Unsupported value: \"Nope\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    public async Task An_option_that_makes_no_sense_is_refused_though_nothing_would_change(string method, string path, string? body, string kind, string message)
    {
        await api.SendAsync("POST", ConfigMaps, """{"metadata":{"name":"there"}}""");

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync(method, ConfigMaps + path, body, method == "PATCH" ? "application/merge-patch+json" : "application/json");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid", $"{kind}.meta.k8s.io \"\" is invalid: {message}"), (code, (string?)answer["reason"], (string?)answer["message"]));
        Assert.Equal($$"""{"group":"meta.k8s.io","kind":"{{kind}}"}""", Without(answer["details"]!, "causes"));
    }

    [Theory]
    [InlineData("POST", "CreateOptions")]
    [InlineData("PATCH", "PatchOptions")]
    public async Task A_field_manager_has_at_most_128_bytes_that_can_be_printed(string method, string kind)
    {
        foreach ((string manager, string? message) in (IEnumerable<(string, string?)>)
        [
            (new string('x', 128), null),
            (new string('x', 129), "fieldManager: Too long: must have at most 128 bytes"),
            (new string('é', 65), "fieldManager: Too long: must have at most 128 bytes"),
            ("a\u0001b", "fieldManager: Invalid value: \"a\\u0001b\": invalid character U+0001 (at position 1)"),
        ])
        {
            string path = $"{ConfigMaps}{(method == "PATCH" ? "/managed" : "")}?dryRun=All&fieldManager={Uri.EscapeDataString(manager)}";
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync(method, path, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"managed"}}""", method == "PATCH" ? "application/apply-patch+yaml" : "application/json");

            Assert.Equal((message is null, message is null ? null : $"{kind}.meta.k8s.io \"\" is invalid: {message}"), ((int)code < 300, (string?)answer["message"]));
        }
    }

    [Theory]
    [InlineData("?watch=true&timeoutSeconds=soon", "soon")]
    [InlineData("?timeoutSeconds=soon", "soon")]
    [InlineData("?limit=few", "few")]
    public async Task A_number_that_is_none_is_a_bad_request(string query, string text)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("GET", ConfigMaps + query);

        Assert.Equal((HttpStatusCode.BadRequest, $"strconv.ParseInt: parsing \"{text}\": invalid syntax"), (code, (string?)answer["message"]));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"other"}}""", "the name of the object (other) does not match the name on the URL (missing)")]
    [InlineData("""{"metadata":{}}""", "the name of the object (missing based on URL) was undeterminable: name must be provided")]
    [InlineData("""{"metadata":{"name":"missing","namespace":"other"}}""", "the namespace of the provided object does not match the namespace sent on the request")]
    public async Task Who_replaces_what_is_not_there_hears_first_that_the_body_is_another(string body, string message)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PUT", ConfigMaps + "/missing", body);

        Assert.Equal((HttpStatusCode.BadRequest, message), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task Some_kinds_are_replaced_only_in_the_version_that_the_client_saw()
    {
        await api.OkAsync("POST", Leases, """{"metadata":{"name":"seen"},"spec":{"holderIdentity":"a"}}""");
        await api.OkAsync("POST", Widgets, """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"seen"},"spec":{"size":1}}""");
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"seen"}}""");

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PUT", Leases + "/seen", """{"metadata":{"name":"seen"},"spec":{"holderIdentity":"b"}}""");
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "leases.coordination.k8s.io \"seen\" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"),
            (code, (string?)answer["message"]));
        (code, answer) = await api.SendAsync("PUT", Leases + "/seen", """{"metadata":{"name":"seen","resourceVersion":"1"},"spec":{"holderIdentity":"b"}}""");
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (code, (string?)answer["reason"]));
        (code, answer) = await api.SendAsync("PUT", Widgets + "/seen", """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"seen"},"spec":{"size":2}}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "metadata.resourceVersion"), (code, (string?)answer["details"]!["causes"]![0]!["field"]));
        await api.OkAsync("PUT", ConfigMaps + "/seen", """{"metadata":{"name":"seen"},"data":{"a":"b"}}""");
    }

    [Fact]
    public async Task A_deletion_of_another_object_than_was_meant_says_which_is_there()
    {
        JsonObject there = await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"meant"}}""");

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("DELETE", ConfigMaps + "/meant", """{"preconditions":{"uid":"other"}}""");

        Assert.Equal(
            (HttpStatusCode.Conflict, $"Operation cannot be fulfilled on ConfigMap \"meant\": the UID in the precondition (other) does not match the UID in record ({(string)there["metadata"]!["uid"]!}). The object might have been deleted and then recreated"),
            (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task As_many_of_a_collection_go_as_the_client_says()
    {
        for (int number = 0; number < 3; number++)
        {
            await api.OkAsync("POST", ConfigMaps, $$$$"""{"metadata":{"name":"many-{{{{number}}}}","labels":{"many":"yes"}}}""");
        }

        await api.OkAsync("DELETE", ConfigMaps + "?labelSelector=many%3Dyes&limit=1");
        await api.OkAsync("DELETE", ConfigMaps + "?fieldSelector=metadata.name%3Dmany-2");

        Assert.Equal(["many-1"], (await api.OkAsync("GET", ConfigMaps + "?labelSelector=many"))["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
    }

    [Fact]
    public async Task A_patch_of_operations_tests_what_is_not_there_as_nothing_and_says_of_a_failure_only_that()
    {
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"operated"},"data":{"a":"1"}}""");
        JsonObject changed = await api.OkAsync("PATCH", ConfigMaps + "/operated", """[{"op":"test","path":"/data/b","value":null},{"op":"replace","path":"/data/b","value":"2"}]""", "application/json-patch+json");
        Assert.Equal("2", (string?)changed["data"]!["b"]);

        foreach (string operation in (IEnumerable<string>)["""{"op":"test","path":"/data/a","value":"2"}""", """{"op":"remove","path":"/data/c"}""", """{"op":"add","path":"/none/c","value":"1"}"""])
        {
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PATCH", ConfigMaps + "/operated", $"[{operation}]", "application/json-patch+json");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "the server rejected our request due to an error in our request"), (code, (string?)answer["message"]));
        }
    }

    [Fact]
    public async Task A_list_that_is_too_old_to_go_on_says_how_it_may_go_on_all_the_same()
    {
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"listed-1","labels":{"listed":"yes"}}}""");
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"listed-2","labels":{"listed":"yes"}}}""");
        string token = Convert.ToBase64String("""{"rv":1,"ns":"default","name":"listed-1"}"""u8);

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("GET", $"{ConfigMaps}?labelSelector=listed&limit=1&continue={Uri.EscapeDataString(token)}");
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (code, (string?)answer["reason"]));

        JsonObject rest = await api.OkAsync("GET", $"{ConfigMaps}?labelSelector=listed&limit=1&continue={Uri.EscapeDataString((string)answer["metadata"]!["continue"]!)}");
        Assert.Equal(["listed-2"], rest["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
    }

    private static string Without(JsonNode node, string field)
    {
        JsonObject copy = node.DeepClone().AsObject();
        copy.Remove(field);
        return copy.ToJsonString();
    }
}
