using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>Decides by roles and their bindings who may do what.</summary>
internal static class Rbac
{
    private const string Group = "rbac.authorization.k8s.io/";

    /// <summary>Whether the caller may do it.</summary>
    public static bool Allows(StoreView view, Caller caller, AccessQuestion question) =>
        caller.IsMaster || Rules(view, caller, question.Namespace).Any(rule => Covers(rule, question));

    /// <summary>The rules that hold for a caller in a namespace (or, when it is empty, in the whole cluster).</summary>
    public static IEnumerable<JsonObject> Rules(StoreView view, Caller caller, string space)
    {
        IEnumerable<StoredObject> bindings = view.List(Group + "clusterrolebindings");
        if (space.Length > 0)
        {
            bindings = bindings.Concat(view.List(Group + "rolebindings", space));
        }

        return bindings.Where(binding => binding.Shared.Items("subjects").Any(subject => Is(caller, subject, binding.Key.Namespace)))
            .SelectMany(binding => Role(view, binding.Shared, binding.Key.Namespace)).OfType<JsonObject>();
    }

    /// <summary>The rules of the role that a binding of a namespace names.</summary>
    public static IList<JsonNode?> Role(StoreView view, JsonObject binding, string space)
    {
        string name = binding.Text("roleRef", "name") ?? "";
        ObjectKey key = binding.Text("roleRef", "kind") == "ClusterRole" ? new(Group + "clusterroles", "", name) : new(Group + "roles", space, name);
        return view.Find(key)?.Shared.Items("rules") ?? [];
    }

    private static bool Is(Caller caller, JsonNode? subject, string space) => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == caller.Name,
        "Group" => caller.Groups.Contains(subject.Text("name")),
        "ServiceAccount" => caller.Name == $"system:serviceaccount:{subject.Text("namespace") ?? space}:{subject.Text("name")}",
        _ => false,
    };

    private static bool Covers(JsonObject rule, AccessQuestion question)
    {
        if (!Has(rule, "verbs", question.Verb))
        {
            return false;
        }

        if (question.Resource.Length == 0)
        {
            return rule.Texts("nonResourceURLs").Any(path => path == "*" || path == question.Path
                || (path.EndsWith('*') && question.Path.StartsWith(path[..^1], StringComparison.Ordinal)));
        }

        string resource = question.Subresource.Length == 0 ? question.Resource : $"{question.Resource}/{question.Subresource}";
        return Has(rule, "apiGroups", question.Group)
            && (Has(rule, "resources", resource) || (question.Subresource.Length > 0 && rule.Texts("resources").Contains($"*/{question.Subresource}")))
            && (rule.Items("resourceNames").Count == 0 || rule.Texts("resourceNames").Contains(question.Name));
    }

    private static bool Has(JsonObject rule, string field, string value) => rule.Texts(field).Any(item => item == "*" || item == value);
}
