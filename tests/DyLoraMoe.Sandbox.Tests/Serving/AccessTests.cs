using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Serving;

/// <summary>What an account may do goes by its roles, in the ways that are easily forgotten.</summary>
public sealed class AccessTests(ServedApi api) : IClassFixture<ServedApi>
{
    [Fact]
    public async Task An_apply_that_creates_takes_the_right_to_create_besides()
    {
        using var client = api.Kubernetes(await api.TokenOfAsync("patches", """{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}"""));
        await api.OkAsync("POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"there"}}""");

        await ApplyAsync(client, "there");

        Assert.Contains("cannot create resource", await RefusalAsync(() => ApplyAsync(client, "not-there")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_grants_by_a_role_what_they_do_not_hold()
    {
        using var client = api.Kubernetes(await api.TokenOfAsync("grants", """{"apiGroups":["","rbac.authorization.k8s.io"],"resources":["roles","pods"],"verbs":["create","get","update"]}"""));

        await client.RbacAuthorizationV1.CreateNamespacedRoleAsync(Role("reads-pods", "pods", "get"), "default");

        Assert.Contains("not currently held", await RefusalAsync(() => client.RbacAuthorizationV1.CreateNamespacedRoleAsync(Role("reads-secrets", "secrets", "get"), "default")), StringComparison.Ordinal);
        Assert.Contains("not currently held", await RefusalAsync(() => client.RbacAuthorizationV1.CreateNamespacedRoleAsync(Role("deletes-pods", "pods", "get", "delete"), "default")), StringComparison.Ordinal);
        Assert.Contains("not currently held", await RefusalAsync(() => client.RbacAuthorizationV1.ReplaceNamespacedRoleAsync(Role("reads-pods", "*", "get"), "reads-pods", "default")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_binds_a_role_that_grants_what_they_do_not_hold_unless_they_may_bind_it()
    {
        await api.OkAsync("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", """{"metadata":{"name":"secretive"},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]}""");
        using var client = api.Kubernetes(await api.TokenOfAsync("binds", """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings"],"verbs":["create"]}"""));
        using var other = api.Kubernetes(await api.TokenOfAsync("may-bind", """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings","roles"],"verbs":["create","bind"]}"""));

        Assert.Contains("not currently held", await RefusalAsync(() => client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(Binding("one"), "default")), StringComparison.Ordinal);
        await other.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(Binding("two"), "default");
    }

    [Fact]
    public async Task Nobody_but_an_administrator_makes_a_role_that_gathers_the_rules_of_others()
    {
        await api.OkAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"gathers"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"verbs":["create"]}]}""");
        using var client = api.Kubernetes(await api.TokenOfAsync("gathers", """{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}"""));
        await api.OkAsync(
            "POST",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            """{"metadata":{"name":"gathers"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"gathers"},"subjects":[{"kind":"ServiceAccount","name":"gathers","namespace":"default"}]}""");

        var role = new V1ClusterRole { Metadata = new() { Name = "greedy" }, AggregationRule = new() { ClusterRoleSelectors = [new() { MatchLabels = new Dictionary<string, string> { ["a"] = "b" } }] } };

        Assert.Contains("must have cluster-admin privileges to use the aggregationRule", await RefusalAsync(() => client.RbacAuthorizationV1.CreateClusterRoleAsync(role)), StringComparison.Ordinal);
        Assert.Equal("greedy", (await api.Kubernetes().RbacAuthorizationV1.CreateClusterRoleAsync(role, cancellationToken: TestContext.Current.CancellationToken)).Metadata.Name);
    }

    [Fact]
    public async Task Rights_that_were_needed_are_written_down_but_not_those_of_the_administrator()
    {
        using var client = api.Kubernetes(await api.TokenOfAsync("watched", """{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}"""));

        await client.CoreV1.ListNamespacedPodAsync("default");
        await RefusalAsync(() => client.CoreV1.ReadNamespacedSecretAsync("hidden", "default"));

        await using var file = new FileStream(api.AccessLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var lines = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var rights = lines.Where(line => (string?)line["user"] == "system:serviceaccount:default:watched").Select(line => $"{line["verb"]} {line["resource"]} {line["namespace"]}/{line["name"]} {line["allowed"]}");
        Assert.Equal(["list pods default/ true", "get secrets default/hidden false"], rights);
        Assert.DoesNotContain(lines, line => (string?)line["user"] == "kubernetes-admin");
    }

    private static Task<V1ConfigMap> ApplyAsync(Kubernetes client, string name) =>
        client.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"a":"b"} }""", V1Patch.PatchType.ApplyPatch), name, "default", fieldManager: "test");

    private static V1Role Role(string name, string resource, params string[] verbs) =>
        new() { Metadata = new() { Name = name }, Rules = [new() { ApiGroups = [""], Resources = [resource], Verbs = verbs }] };

    private static V1RoleBinding Binding(string name) => new()
    {
        Metadata = new() { Name = name },
        RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "secretive" },
        Subjects = [new() { Kind = "ServiceAccount", Name = "default", NamespaceProperty = "default" }],
    };

    private static async Task<string> RefusalAsync(Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<HttpOperationException>(call);
        Assert.Equal(HttpStatusCode.Forbidden, error.Response.StatusCode);
        return error.Response.Content;
    }
}
