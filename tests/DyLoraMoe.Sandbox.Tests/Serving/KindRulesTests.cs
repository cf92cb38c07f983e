using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>Objects of built-in kinds that no cluster takes.</summary>
public sealed class KindRulesTests(ServedApi api) : IClassFixture<ServedApi>
{
    private const string Budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    private const string Bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    private const string Roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
    private const string Claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Events = "/api/v1/namespaces/default/events";
    private const string NewerEvents = "/apis/events.k8s.io/v1/namespaces/default/events";
    private const string Policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
    private const string NamePart = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    [Theory]
    [InlineData(Budgets, """{"spec":{"minAvailable":1,"maxUnavailable":1}}""", "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1}: minAvailable and maxUnavailable cannot be both set")]
    [InlineData(Budgets, """{"spec":{"minAvailable":-1}}""", "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(Budgets, """{"spec":{"minAvailable":"150%"}}""", "spec.minAvailable: Invalid value: \"150%\": must not be greater than 100%")]
    [InlineData(Budgets, """{"spec":{"selector":{"matchExpressions":[{"key":"a","operator":"In"}]}}}""", "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData(Bindings, """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"x"}}""", "roleRef.kind: Unsupported value: \"User\": supported values: \"Role\", \"ClusterRole\"")]
    [InlineData(Bindings, """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","name":"x"}}""", "roleRef.kind: Unsupported value: \"\": supported values: \"Role\", \"ClusterRole\"")]
    [InlineData(Bindings, """{"roleRef":{"kind":"Role","name":"x"},"subjects":[{"kind":"Robot","name":"x"}]}""", "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData(Roles, """{"rules":[{"resources":["pods"],"verbs":["get"]}]}""", "rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData(Roles, """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":[]}]}""", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData(Claims, """{"spec":{"accessModes":["Everyone"],"resources":{"requests":{"storage":"1Gi"}}}}""", "spec.accessModes: Unsupported value: \"Everyone\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"")]
    [InlineData(Claims, """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"-1Gi"}}}}""", "spec.resources[storage]: Invalid value: \"-1Gi\": must be greater than zero")]
    [InlineData(Claims, """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"0"}}}}""", "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData(Claims, """{"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"A_","resources":{"requests":{"storage":1}}}}""", "spec.storageClassName: Invalid value: \"A_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData(ConfigMaps, """{"data":{"a":"x"},"binaryData":{"a":"eA=="}}""", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData(ConfigMaps, """{"data":{"..a":"x"}}""", "data[..a]: Invalid value: \"..a\": must not start with '..'")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"refused","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"x"}]}}""", "metadata.ownerReferences.uid: Invalid value: \"\": uid must not be empty")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"refused","finalizers":["mine"]}}""", "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData(Secrets, """{"type":"kubernetes.io/tls","data":{"tls.crt":""}}""", "data[tls.key]: Required value")]
    [InlineData(Services, """{"spec":{"selector":{"bad key":"x"},"ports":[{"port":80}]}}""", "spec.selector: Invalid value: \"bad key\": " + NamePart)]
    [InlineData(Services, """{"spec":{"ports":[{"port":80,"name":"a"},{"port":81,"name":"a"}]}}""", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData(Services, """{"metadata":{"name":"1a"},"spec":{"ports":[{"port":80}]}}""", "metadata.name: Invalid value: \"1a\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData(Events, """{"involvedObject":{"kind":"Pod","name":"x","namespace":"other"}}""", "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace")]
    [InlineData(NewerEvents, """{"regarding":{"kind":"Pod","name":"x","namespace":"default"},"eventTime":"2026-01-02T03:04:05.000000Z","reportingController":"c","reportingInstance":"i","reason":"R","type":"Normal"}""", "action: Required value")]
    [InlineData(NewerEvents, """{"regarding":{"kind":"Pod","name":"x","namespace":"default"},"eventTime":"2026-01-02T03:04:05.000000Z","reportingController":"c","reportingInstance":"i","reason":"R","action":"A","type":"Odd"}""", "type: Invalid value: \"\": has invalid value: Odd")]
    [InlineData("/apis/batch/v1/namespaces/default/jobs", """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""", "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\"}}: `selector` not auto-generated")]
    [InlineData(Policies, """{"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"here"}}]}]}}""", "spec.egress[0].to[0].ipBlock.cidr: Invalid value: \"here\": not a valid CIDR")]
    public async Task What_no_cluster_takes_is_refused_with_one_cause(string path, string body, string message)
    {
        JsonObject item = JsonNode.Parse(body)!.AsObject();
        item["metadata"] ??= new JsonObject { ["name"] = "refused" };

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", path, item.ToJsonString());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal([message], answer["details"]!["causes"]!.AsArray().Select(cause => $"{cause!["field"]}: {cause["message"]}"));
    }

    [Fact]
    public async Task A_config_map_holds_a_mebibyte_of_bytes_not_of_letters()
    {
        string half = new('é', (1 << 19) - 1);
        await api.OkAsync("POST", ConfigMaps + "?dryRun=All", Large(half));

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("POST", ConfigMaps + "?dryRun=All", Large(half + "éa"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "ConfigMap \"large\" is invalid: []: Too long: must have at most 1048576 bytes"), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_secret_holds_as_many_bytes_as_its_values_stand_for()
    {
        string value = Convert.ToBase64String(new byte[1 << 20]);
        await api.OkAsync("POST", Secrets + "?dryRun=All", Large(value));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.SendAsync("POST", Secrets + "?dryRun=All", Large(Convert.ToBase64String(new byte[(1 << 20) + 1])))).Code);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task A_namespace_that_a_cluster_needs_stays(string name)
    {
        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("DELETE", $"/api/v1/namespaces/{name}");

        Assert.Equal((HttpStatusCode.Forbidden, $"namespaces \"{name}\" is forbidden: this namespace may not be deleted"), (code, (string?)answer["message"]));
    }

    [Fact]
    public async Task A_finalizer_that_comes_too_late_is_named()
    {
        await api.OkAsync("POST", ConfigMaps, """{"metadata":{"name":"going","finalizers":["a.io/x"]}}""");
        await api.OkAsync("DELETE", ConfigMaps + "/going");

        (HttpStatusCode code, JsonObject answer) = await api.SendAsync("PATCH", ConfigMaps + "/going", """{"metadata":{"finalizers":["a.io/x","a.io/z"]}}""", "application/merge-patch+json");

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "ConfigMap \"going\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a.io/z\"}"),
            (code, (string?)answer["message"]));
        await api.OkAsync("PATCH", ConfigMaps + "/going", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
    }

    [Fact]
    public async Task A_scale_is_read_as_what_it_is()
    {
        const string Scale = "/apis/apps/v1/namespaces/default/deployments/scaled/scale";
        await api.OkAsync("POST", "/apis/apps/v1/namespaces/default/deployments",
            """{"metadata":{"name":"scaled"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await api.SendAsync("PATCH", Scale, """{"spec":{"replicas":"1"}}""", "application/merge-patch+json")).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.SendAsync("PUT", Scale, """{"metadata":{"name":"other"},"spec":{"replicas":1}}""")).Code);
    }

    private static string Large(string value) => $$$"""{"metadata":{"name":"large"},"data":{"a":"{{{value}}}"}}""";
}
