using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What a template may not ask for: whoever writes it is told, not the log of a controller.</summary>
public sealed class PodTemplateTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string NamePart = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    /// <summary>Where in a template something is, what it is, and the cause that the real API server names.</summary>
    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "metadata/labels/bad key", "\"v\"", "labels", "Invalid value: \"bad key\": name part " + NamePart },
        { "metadata/labels/a~1b~1c", "\"v\"", "labels", "Invalid value: \"a/b/c\": a qualified name " + NamePart + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')" },
        { "metadata/labels/k", "\"bad value\"", "labels", "Invalid value: \"bad value\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
        { "metadata/annotations", """{"a/":"v"}""", "annotations", "Invalid value: \"a/\": name part must be non-empty" },
        { "spec/nodeSelector", """{"bad key":"v"}""", "spec.nodeSelector", "Invalid value: \"bad key\": name part " + NamePart },
        { "spec/tolerations", """[{"key":"a","operator":"Is"}]""", "spec.tolerations[0].operator", "Unsupported value: \"Is\": supported values: \"Equal\", \"Exists\"" },
        { "spec/tolerations", """[{"key":"a","operator":"Exists","effect":"Never"}]""", "spec.tolerations[0].effect", "Unsupported value: \"Never\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"" },
        { "spec/tolerations", """[{"operator":"Equal","value":"v"}]""", "spec.tolerations[0].operator", "Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"" },
        { "spec/serviceAccountName", "\"A\"", "spec.serviceAccountName", "Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
        { "spec/volumes", """[{"name":"a","emptyDir":{}},{"name":"a","emptyDir":{}}]""", "spec.volumes[1].name", "Duplicate value: \"a\"" },
        { "spec/volumes", """[{"name":"a","emptyDir":{},"secret":{"secretName":"s"}}]""", "spec.volumes[0].secret", "Forbidden: may not specify more than 1 volume type" },
        { "spec/volumes", """[{"name":"a","persistentVolumeClaim":{}}]""", "spec.volumes[0].persistentVolumeClaim.claimName", "Required value" },
        { "spec/initContainers", """[{"name":"main","image":"test:1"}]""", "spec.initContainers[0].name", "Duplicate value: \"main\"" },
        { "spec/affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}}""", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms", "Required value: must have at least one node selector term" },
        { "spec/containers/0/resources", """{"requests":{"cpu":"2"},"limits":{"cpu":"1500m"}}""", "spec.containers[0].resources.requests", "Invalid value: \"2\": must be less than or equal to cpu limit" },
        { "spec/containers/0/resources", """{"requests":{"memory":"-1Gi"}}""", "spec.containers[0].resources.requests[memory]", "Invalid value: \"-1Gi\": must be greater than or equal to 0" },
        { "spec/containers/0/resources", """{"requests":{"nvidia.com/gpu":"1"}}""", "spec.containers[0].resources.limits", "Required value: Limit must be set for non overcommitable resources" },
        { "spec/containers/0/resources", """{"limits":{"gpus":"1"}}""", "spec.containers[0].resources.limits[gpus]", "Invalid value: \"gpus\": must be a standard resource type or fully qualified" },
        { "spec/containers/0/ports", """[{"containerPort":70000}]""", "spec.containers[0].ports[0].containerPort", "Invalid value: 70000: must be between 1 and 65535, inclusive" },
        { "spec/containers/0/ports", """[{"containerPort":80,"name":"a"},{"containerPort":81,"name":"a"}]""", "spec.containers[0].ports[1].name", "Duplicate value: \"a\"" },
        { "spec/containers/0/ports", """[{"containerPort":80,"name":"sixteen-letters-"}]""", "spec.containers[0].ports[0].name", "Invalid value: \"sixteen-letters-\": must be no more than 15 characters" },
        { "spec/containers/0/env", """[{"name":"1 a"}]""", "spec.containers[0].env[0].name", "Invalid value: \"1 a\": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')" },
        { "spec/containers/0/env", """[{"name":"a","valueFrom":{}}]""", "spec.containers[0].env[0].valueFrom", "Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`" },
        { "spec/containers/0/livenessProbe", "{}", "spec.containers[0].livenessProbe", "Required value: must specify a handler type" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_template_that_could_make_no_pod_is_refused_in_every_kind_that_has_one(string where, string value, string field, string message)
    {
        foreach ((string path, string kind, string template) in (IEnumerable<(string, string, string)>)
        [
            ("/apis/apps/v1/namespaces/default/deployments", Selecting(), "spec.template."),
            ("/apis/apps/v1/namespaces/default/replicasets", Selecting(), "spec.template."),
            ("/apis/apps/v1/namespaces/default/statefulsets", Selecting(), "spec.template."),
            ("/apis/batch/v1/namespaces/default/jobs", """{"metadata":{"name":"j"},"spec":{"template":{"metadata":{"labels":{"app":"a"}},"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"test:1"}]}}}}""", "spec.template."),
        ])
        {
            (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", path, With(kind, "/spec/template/" + where, value));

            Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
            Assert.Contains((template + field, message), answer["details"]!["causes"]!.AsArray().Select(cause => ((string)cause!["field"]!, (string)cause["message"]!)));
        }
    }

    [Fact]
    public async Task A_pod_is_told_of_its_own_fields()
    {
        (_, JsonObject answer) = await api.SendAsync("POST", "/api/v1/namespaces/default/pods",
            """{"metadata":{"name":"p","labels":{"bad key":"v"}},"spec":{"containers":[{"name":"main","image":"test:1","ports":[{"containerPort":0}]}]}}""");

        Assert.Equal(["metadata.labels", "spec.containers[0].ports[0].containerPort"], answer["details"]!["causes"]!.AsArray().Select(cause => (string)cause!["field"]!));
    }

    [Fact]
    public async Task A_deployment_without_anything_is_told_what_it_lacks()
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", "/apis/apps/v1/namespaces/default/deployments", """{"metadata":{"name":"d"}}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(["spec.selector", "spec.template.metadata.labels", "spec.template.spec.containers"], answer["details"]!["causes"]!.AsArray().Select(cause => (string)cause!["field"]!));
    }

    [Fact]
    public async Task A_template_keeps_the_requests_that_it_was_written_with_and_variables_may_come_twice()
    {
        const string Resources = """{"limits":{"cpu":"1"}}""";
        string manifest = With(With(Selecting(), "/spec/template/spec/containers/0/resources", Resources), "/spec/template/spec/containers/0/env", """[{"name":"a","value":"1"},{"name":"a","value":"2"}]""");

        JsonObject made = await api.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments?dryRun=All", manifest);

        JsonNode container = made["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal((Resources, 2), (container["resources"]!.ToJsonString(), container["env"]!.AsArray().Count));
    }

    [Fact]
    public async Task Who_writes_a_status_is_held_to_the_status()
    {
        await api.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments", Selecting().Replace("\"d\"", "\"status\"", StringComparison.Ordinal));

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PATCH", "/apis/apps/v1/namespaces/default/deployments/status/status", """{"status":{"replicas":1,"readyReplicas":5}}""", "application/merge-patch+json");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Deployment.apps \"status\" is invalid: status.readyReplicas: Invalid value: 5: cannot be greater than status.replicas"), (code, (string?)answer["message"]));
    }

    private static string Selecting() =>
        """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"main","image":"test:1"}]}}}}""";

    private static string With(string manifest, string path, string value)
    {
        JsonNode item = JsonNode.Parse(manifest)!, node = item;
        string[] steps = [.. path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal))];
        foreach (string step in steps[..^1])
        {
            node = node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step] ??= new JsonObject();
        }

        node[steps[^1]] = JsonNode.Parse(value);
        return item.ToJsonString();
    }
}
