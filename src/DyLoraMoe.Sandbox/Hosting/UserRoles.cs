using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>
/// The roles for people in a namespace. <c>admin</c>, <c>edit</c> and <c>view</c> have no rules of their own: they gather those of all cluster roles with
/// their label, which products label as well. States are the system's to write, and who may only view reads no secrets.
/// </summary>
internal static class UserRoles
{
    private const string Label = "rbac.authorization.k8s.io/aggregate-to-";
    private const string Rbac = "rbac.authorization.k8s.io";
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];
    private static readonly string[] Entered = ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"];
    private static readonly string[] Core = ["configmaps", "persistentvolumeclaims", "pods", "serviceaccounts", "services"];
    private static readonly string[] Apps = ["deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"];

    /// <summary>They, without names of versions.</summary>
    public static IEnumerable<JsonObject> All =>
    [
        Gathering("admin", from: "admin", into: []),
        Gathering("edit", from: "edit", into: ["admin"]),
        Gathering("view", from: "view", into: ["edit"]),
        Role("admin",
            Rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
            Rule([Rbac], ["roles", "rolebindings"], [.. Read, .. Write])),
        Role("edit",
            Rule([""], [.. Entered, "secrets"], Read),
            Rule([""], [.. Entered, .. Core, "secrets"], Write),
            Rule([""], ["serviceaccounts"], ["impersonate"]),
            Rule([""], ["pods/eviction", "serviceaccounts/token"], ["create"]),
            Rule(["", "events.k8s.io"], ["events"], Write),
            Rule(["apps"], Apps, Write),
            Rule(["autoscaling"], ["horizontalpodautoscalers"], Write),
            Rule(["batch"], ["jobs"], Write),
            Rule(["coordination.k8s.io"], ["leases"], [.. Read, .. Write]),
            Rule(["networking.k8s.io"], ["networkpolicies"], Write),
            Rule(["policy"], ["poddisruptionbudgets"], Write)),
        Role("view",
            Rule([""], [.. Core, "endpoints", "limitranges", "namespaces", "resourcequotas"], Read),
            Rule([""], ["namespaces/status", "persistentvolumeclaims/status", "pods/log", "pods/status", "resourcequotas/status", "services/status"], Read),
            Rule(["", "events.k8s.io"], ["events"], Read),
            Rule(["apps"], [.. Apps, "deployments/status", "replicasets/status", "statefulsets/status"], Read),
            Rule(["autoscaling"], ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], Read),
            Rule(["batch"], ["jobs", "jobs/status"], Read),
            Rule(["discovery.k8s.io"], ["endpointslices"], Read),
            Rule(["networking.k8s.io"], ["networkpolicies"], Read),
            Rule(["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"], Read)),
    ];

    private static JsonObject Gathering(string name, string from, string[] into) => new()
    {
        ["metadata"] = Metadata(name, into),
        ["aggregationRule"] = new JsonObject
        {
            ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = new JsonObject { [Label + from] = "true" } }),
        },
    };

    private static JsonObject Role(string into, params IEnumerable<JsonObject> rules) => new()
    {
        ["metadata"] = Metadata($"system:aggregate-to-{into}", [into]),
        ["rules"] = new JsonArray([.. rules]),
    };

    private static JsonObject Metadata(string name, string[] into)
    {
        JsonObject metadata = new() { ["name"] = name };
        foreach (string role in into)
        {
            metadata["labels"] = new JsonObject { [Label + role] = "true" };
        }

        return metadata;
    }

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) =>
        new() { ["apiGroups"] = Strings(groups), ["resources"] = Strings(resources), ["verbs"] = Strings(verbs) };

    private static JsonArray Strings(string[] items) => new([.. items.Select(item => (JsonNode?)item)]);
}
