using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Authorization;

/// <summary>Answers the kinds that ask who somebody is and what they may do.</summary>
internal static class Reviews
{
    /// <summary>The review with its status.</summary>
    public static JsonObject Answer(string kind, JsonObject review, StoreView view, Caller caller, Tokens tokens)
    {
        JsonObject answer = review.Copy();
        answer["status"] = kind switch
        {
            "SelfSubjectAccessReview" => Access(view, caller, review.At("spec")),
            "SubjectAccessReview" or "LocalSubjectAccessReview" => Access(view, new Caller(review.Text("spec", "user") ?? "", [.. review.Texts("spec", "groups")]), review.At("spec")),
            "SelfSubjectRulesReview" => Rules(view, caller, review.Text("spec", "namespace") ?? ""),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = User(caller) },
            _ => Token(tokens.Find(review.Text("spec", "token") ?? "", view)),
        };
        return answer;
    }

    private static JsonObject Access(StoreView view, Caller caller, JsonNode? spec)
    {
        JsonNode? resource = spec.At("resourceAttributes"), path = spec.At("nonResourceAttributes");
        string? Star(string name) => resource.Text(name) is { } value && value != "*" ? value : resource.Text(name);
        AccessQuestion question = resource is null
            ? new AccessQuestion(path.Text("verb") ?? "") { Path = path.Text("path") ?? "" }
            : new AccessQuestion(Star("verb") ?? "")
            {
                Group = Star("group") ?? "",
                Resource = Star("resource") ?? "",
                Subresource = resource.Text("subresource") ?? "",
                Namespace = resource.Text("namespace") ?? "",
                Name = resource.Text("name") ?? "",
            };
        bool allowed = Rbac.Allows(view, caller, question);
        return allowed ? new JsonObject { ["allowed"] = true } : new JsonObject { ["allowed"] = false, ["reason"] = "" };
    }

    private static JsonObject Rules(StoreView view, Caller caller, string space)
    {
        JsonArray resources = [], paths = [];
        if (caller.IsMaster)
        {
            resources.Add((JsonNode)new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") });
            paths.Add((JsonNode)new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") });
        }

        foreach (JsonObject rule in Rbac.Rules(view, caller, space))
        {
            (rule.ContainsKey("nonResourceURLs") ? paths : resources).Add(rule.DeepClone());
        }

        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private static JsonObject Token(Caller? caller) => caller is null
        ? new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" }
        : new JsonObject { ["authenticated"] = true, ["user"] = User(caller) };

    private static JsonObject User(Caller caller)
    {
        JsonObject user = new() { ["username"] = caller.Name, ["groups"] = new JsonArray([.. caller.Groups.Select(group => (JsonNode?)group)]) };
        if (caller.Uid.Length > 0)
        {
            user["uid"] = caller.Uid;
        }

        return user;
    }
}
