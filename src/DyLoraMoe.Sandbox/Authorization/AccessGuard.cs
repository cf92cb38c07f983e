using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Serving;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>Lets callers do what their roles allow, and refuses the rest.</summary>
internal sealed class AccessGuard(ObjectStore store, AccessLog log)
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>Refuses what the caller may not do.</summary>
    public void Require(Caller caller, AccessQuestion question)
    {
        bool allowed = Rbac.Allows(store.View, caller, question);
        log.Write(caller, question, allowed);
        if (!allowed)
        {
            throw question.Resource.Length == 0
                ? new ApiException(403, "Forbidden", $"forbidden: {question.Refusal(caller)}", [])
                : ApiException.Forbidden(question.Group, question.Resource, question.Name, question.Refusal(caller));
        }
    }

    /// <summary>Refuses to create what a caller may only change: a patch or an update that creates needs the right to create as well.</summary>
    public void RequireCreate(ApiRequest request) => Require(request.Caller, new AccessQuestion("create")
    {
        Group = request.Kind.Group,
        Resource = request.Kind.Plural,
        Subresource = request.Subresource,
        Namespace = request.Namespace,
        Name = request.Name,
    });

    /// <summary>
    /// Refuses roles and bindings that grant what the caller does not hold, as
    /// <see href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping">Kubernetes does</see>.
    /// </summary>
    /// <param name="request">Who writes, and what.</param>
    /// <param name="item">The role or the binding, or an object of another kind, which grants nothing.</param>
    public void RequireHeld(ApiRequest request, JsonObject item)
    {
        if (request.Kind.Group != Group || request.Caller.IsMaster)
        {
            return;
        }

        StoreView view = store.View;
        bool isRole = request.Kind.Plural is "roles" or "clusterroles";
        string role = isRole ? request.Kind.Plural : item.Text("roleRef", "kind") == "ClusterRole" ? "clusterroles" : "roles";
        AccessQuestion exempt = new(isRole ? "escalate" : "bind") { Group = Group, Resource = role, Namespace = request.Namespace, Name = item.Text(isRole ? "metadata" : "roleRef", "name") ?? "" };
        if (Rbac.Allows(view, request.Caller, exempt))
        {
            return;
        }

        if (item.ContainsKey("aggregationRule") && !Questions(Everything(), "").All(question => Rbac.Allows(view, request.Caller, question)))
        {
            throw ApiException.Forbidden(Group, request.Kind.Plural, exempt.Name, "must have cluster-admin privileges to use the aggregationRule");
        }

        IEnumerable<JsonNode?> rules = isRole ? item.Items("rules") : Rbac.Role(view, item, request.Namespace);
        if (rules.OfType<JsonObject>().FirstOrDefault(rule => !Questions(rule, request.Namespace).All(question => Rbac.Allows(view, request.Caller, question))) is { } more)
        {
            string why = $"user \"{request.Caller.Name}\" is attempting to grant RBAC permissions not currently held: {more.ToJsonString()}";
            throw ApiException.Forbidden(Group, request.Kind.Plural, item.Text("metadata", "name") ?? "", why);
        }
    }

    // What a role that gathers others' rules may come to hold.
    private static JsonObject Everything() => new()
    {
        ["verbs"] = new JsonArray("*"),
        ["apiGroups"] = new JsonArray("*"),
        ["resources"] = new JsonArray("*"),
        ["nonResourceURLs"] = new JsonArray("*"),
    };

    // Everything that a rule allows.
    private static IEnumerable<AccessQuestion> Questions(JsonObject rule, string space)
    {
        List<string> names = [.. rule.Texts("resourceNames").DefaultIfEmpty("")];
        foreach (string verb in rule.Texts("verbs"))
        {
            foreach (string path in rule.Texts("nonResourceURLs"))
            {
                yield return new AccessQuestion(verb) { Path = path };
            }

            foreach (string resource in rule.Texts("resources"))
            {
                string[] parts = resource.Split('/', 2);
                foreach ((string group, string name) in rule.Texts("apiGroups").SelectMany(group => names.Select(name => (group, name))))
                {
                    yield return new AccessQuestion(verb) { Group = group, Resource = parts[0], Subresource = parts.ElementAtOrDefault(1) ?? "", Namespace = space, Name = name };
                }
            }
        }
    }
}
