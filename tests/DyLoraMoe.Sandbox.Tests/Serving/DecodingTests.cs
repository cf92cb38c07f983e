using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What is said of bodies that cannot be read into a kind's type, and of keys that come twice.</summary>
public sealed class DecodingTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const string Twice = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: \"1\"\n  a: \"2\"\n";

    [Theory]
    [InlineData(ConfigMaps, """{"data":{"a":1}}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string")]
    [InlineData(ConfigMaps, """{"data":{"a":true}}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field ConfigMap.data of type string")]
    [InlineData(ConfigMaps, """{"data":[1]}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string")]
    [InlineData(ConfigMaps, """{"metadata":{"labels":{"a":1}}}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData(ConfigMaps, """{"metadata":"x"}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta")]
    [InlineData(ConfigMaps, """{"immutable":"yes"}""", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool")]
    [InlineData(Secrets, """{"data":{"a":"!!"}}""", "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0")]
    [InlineData(Deployments, """{"spec":{"replicas":"3"}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData(Deployments, """{"spec":{"replicas":1.0}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData(Deployments, """{"spec":{"replicas":99999999999}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData(Deployments, """{"spec":{"template":{"spec":{"containers":{"name":"c"}}}}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData(Deployments, """{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"a","value":1}]}]}}}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string")]
    [InlineData(Deployments, """{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"abc"}}}]}}}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public async Task A_value_of_another_type_is_a_bad_request(string path, string body, string message)
    {
        foreach (string mode in (IEnumerable<string>)["Warn", "Strict"])
        {
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", $"{path}?fieldValidation={mode}", body);

            Assert.Equal((HttpStatusCode.BadRequest, "BadRequest", message), (code, (string?)answer["reason"], (string?)answer["message"]));
        }
    }

    [Fact]
    public async Task A_custom_resource_is_told_by_its_schema_save_for_its_metadata()
    {
        const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", Widgets, """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":"x"}}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (code, (string?)answer["reason"]));

        (code, answer) = await api.SendAsync("POST", Widgets, """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","labels":{"a":1}},"spec":{"size":1}}""");
        Assert.Equal(
            (HttpStatusCode.BadRequest, "Widget in version \"v1\" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"),
            (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_patch_that_leaves_another_type_is_an_invalid_patch()
    {
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"patched"},"data":{"a":"b"}}""");
        foreach ((string type, string patch) in (IEnumerable<(string, string)>)
        [
            ("application/merge-patch+json", """{"data":{"a":1}}"""),
            ("application/strategic-merge-patch+json", """{"data":{"a":1}}"""),
            ("application/json-patch+json", """[{"op":"replace","path":"/data/a","value":1}]"""),
        ])
        {
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PATCH", ConfigMaps + "/patched", patch, type);

            Assert.Equal((HttpStatusCode.UnprocessableEntity, "patch"), (code, (string?)answer["details"]!["causes"]![0]!["field"]));
            Assert.StartsWith(" \"\" is invalid: patch: Invalid value: ", (string?)answer["message"], StringComparison.Ordinal);
            Assert.EndsWith(": json: cannot unmarshal number into Go struct field ConfigMap.data of type string", (string?)answer["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_among_texts_is_an_empty_text_and_a_type_may_be_left_out()
    {
        JsonObject made = await api.OkAsync("POST", ConfigMaps, """{"kind":"ConfigMap","metadata":{"name":"nothing"},"data":{"a":null}}""");

        Assert.Equal("""{"a":""}""", made["data"]!.ToJsonString());
    }

    [Fact]
    public async Task The_last_of_two_keys_counts_and_the_client_hears_of_it()
    {
        (string warnings, JsonObject made) = await api.WarningsAsync("POST", ConfigMaps + "?dryRun=All", Twice, "application/yaml");
        Assert.Equal(("299 - \"line 6: key \\\"a\\\" already set in map\"", "2"), (warnings, (string?)made["data"]!["a"]));

        (warnings, _) = await api.WarningsAsync("POST", ConfigMaps + "?dryRun=All&fieldValidation=Ignore", Twice, "application/yaml");
        Assert.Equal("", warnings);

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", ConfigMaps + "?fieldValidation=Strict", Twice, "application/yaml");
        Assert.Equal(
            (HttpStatusCode.BadRequest, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 6: key \"a\" already set in map"),
            (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task Yaml_is_of_the_version_in_which_yes_is_true_and_a_leading_zero_is_octal()
    {
        JsonObject made = await api.OkAsync("POST", "/api/v1/namespaces/default/pods?dryRun=All",
            "metadata: {name: yaml}\nspec:\n  hostNetwork: yes\n  containers: [&c {name: main, image: \"test:1\"}]\n  initContainers: [{name: first, image: \"test:1\"}]\n  volumes: [{name: v, secret: {secretName: s, defaultMode: 0644}}]\n", "application/yaml");

        Assert.Equal((true, 420), ((bool)made["spec"]!["hostNetwork"]!, (int)made["spec"]!["volumes"]![0]!["secret"]!["defaultMode"]!));
        Assert.Equal(HttpStatusCode.BadRequest, (await api.SendAsync("POST", ConfigMaps, "metadata: {name: yaml}\ndata: {a: on}\n", "application/yaml")).Code);
    }
}
