using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Authorization;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Serving;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>The objects that every cluster has from its start.</summary>
internal static class Bootstrap
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private static readonly (string Name, int Value)[] Priorities = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

    /// <summary>Writes those that are not there, and those that do not yet gather their rules from others.</summary>
    public static async Task RunAsync(Cluster cluster)
    {
        List<Task> writes = [];
        foreach ((string collection, JsonObject item) in Objects())
        {
            ObjectKey key = new(collection, "", item.Text("metadata", "name")!);
            StoredObject? before = cluster.Store.Latest(key);
            if (before is null || (item.ContainsKey("aggregationRule") && !before.Shared.ContainsKey("aggregationRule")))
            {
                JsonObject metadata = item.Ensure("metadata");
                metadata["uid"] = before?.Shared.Text("metadata", "uid") ?? Guid.NewGuid().ToString();
                metadata["creationTimestamp"] = before?.Shared.Text("metadata", "creationTimestamp") ?? cluster.Now;
                writes.Add(cluster.Store.WriteAsync(key, before?.Version ?? 0, item));
            }
        }

        await Task.WhenAll(writes).ConfigureAwait(false);
    }

    private static IEnumerable<(string Collection, JsonObject Item)> Objects()
    {
        foreach (string name in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            JsonObject space = Named("v1", "Namespace", name);
            space.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = name;
            space["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            space["status"] = new JsonObject { ["phase"] = "Active" };
            yield return ("/namespaces", space);
        }

        yield return Role("cluster-admin", Rule(["*"], ["*"], ["*"]), new JsonObject { ["nonResourceURLs"] = Strings(["*"]), ["verbs"] = Strings(["*"]) });
        foreach (JsonObject role in UserRoles.All)
        {
            role["apiVersion"] = $"{Rbac}/v1";
            role["kind"] = "ClusterRole";
            yield return ($"{Rbac}/clusterroles", role);
        }

        yield return Role("system:discovery", new JsonObject
        {
            ["nonResourceURLs"] = Strings(["/", "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version"]),
            ["verbs"] = Strings(["get"]),
        });
        yield return Role("system:basic-user",
            Rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
            Rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]));
        yield return Binding("cluster-admin", Caller.Masters);
        yield return Binding("system:discovery", Caller.Authenticated);
        yield return Binding("system:basic-user", Caller.Authenticated);
        foreach ((string name, int value) in Priorities)
        {
            JsonObject priority = Named("scheduling.k8s.io/v1", "PriorityClass", name);
            priority["value"] = value;
            priority["preemptionPolicy"] = "PreemptLowerPriority";
            yield return ("scheduling.k8s.io/priorityclasses", priority);
        }
    }

    private static (string Collection, JsonObject Item) Role(string name, params IEnumerable<JsonObject> rules)
    {
        JsonObject role = Named($"{Rbac}/v1", "ClusterRole", name);
        role["rules"] = new JsonArray([.. rules]);
        return ($"{Rbac}/clusterroles", role);
    }

    private static (string Collection, JsonObject Item) Binding(string role, string group)
    {
        JsonObject binding = Named($"{Rbac}/v1", "ClusterRoleBinding", role);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "ClusterRole", ["name"] = role };
        binding["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "Group", ["name"] = group });
        return ($"{Rbac}/clusterrolebindings", binding);
    }

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) =>
        new() { ["apiGroups"] = Strings(groups), ["resources"] = Strings(resources), ["verbs"] = Strings(verbs) };

    private static JsonObject Named(string apiVersion, string kind, string name) =>
        new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonArray Strings(string[] items) => new([.. items.Select(item => (JsonNode?)item)]);
}
