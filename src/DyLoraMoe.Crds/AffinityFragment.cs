using System.Text.Json.Nodes;

namespace DyLoraMoe.Crds;

/// <summary>
/// The schema of a pod's affinity: its shape and no more, so that whatever passes can be read. What else the API server demands of one it says when a
/// Job or Deployment is made from it; repeating its rules here would only age.
/// </summary>
internal static class AffinityFragment
{
    private const int Length = 316;
    private const int Items = 64;

    public static JsonObject Schema() => Group(
        null,
        ("nodeAffinity", Group(
            "Which nodes, by their labels.",
            ("requiredDuringSchedulingIgnoredDuringExecution", Group("What a node must have.", ("nodeSelectorTerms", List("Terms of which one must hold.", Node(null))))),
            ("preferredDuringSchedulingIgnoredDuringExecution", List(
                "What a node had better have.",
                Group(null, ("weight", Weight()), ("preference", Node("Term that counts where it holds."))))))),
        ("podAffinity", Pods("Which pods to be near to.")),
        ("podAntiAffinity", Pods("Which pods to be away from.")));

    private static JsonObject Node(string? description) => Group(
        description,
        ("matchExpressions", Requirements("Requirements on the labels of a node.")),
        ("matchFields", Requirements("Requirements on the fields of a node.")));

    private static JsonObject Pods(string description) => Group(
        description,
        ("requiredDuringSchedulingIgnoredDuringExecution", List("Terms that must all hold.", Pod(null))),
        ("preferredDuringSchedulingIgnoredDuringExecution", List(
            "Terms that had better hold.",
            Group(null, ("weight", Weight()), ("podAffinityTerm", Pod("Term that counts where it holds."))))));

    private static JsonObject Pod(string? description) => Group(
        description,
        ("labelSelector", Selector("Pods that are meant, by their labels.")),
        ("matchLabelKeys", Names("Labels in which those pods must be like this one.")),
        ("mismatchLabelKeys", Names("Labels in which those pods must not be like this one.")),
        ("namespaceSelector", Selector("Namespaces of those pods, by their labels.")),
        ("namespaces", Names("Namespaces of those pods.")),
        ("topologyKey", Fragments.Bounded("Label of nodes that says what is near: nodes with the same value are.", Length)));

    private static JsonObject Selector(string description) => Group(
        description,
        ("matchExpressions", Requirements("Requirements that must all hold.")),
        ("matchLabels", new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Labels that must be there with these values.",
            ["maxProperties"] = Items,
            ["additionalProperties"] = new JsonObject { ["type"] = "string", ["maxLength"] = Length },
        }));

    private static JsonObject Requirements(string description) => List(description, Group(
        null,
        ("key", Fragments.Bounded("What is asked about.", Length)),
        ("operator", Fragments.Bounded("How it stands to the values: In, NotIn, Exists, DoesNotExist, and for nodes Gt and Lt.", Length)),
        ("values", Names("The values."))));

    private static JsonObject Names(string description) => List(description, new JsonObject { ["type"] = "string", ["maxLength"] = Length });

    private static JsonObject Weight() => new()
    {
        ["type"] = "integer",
        ["format"] = "int32",
        ["minimum"] = 1,
        ["maximum"] = 100,
        ["description"] = "How much it counts.",
    };

    private static JsonObject List(string description, JsonObject items) => new()
    {
        ["type"] = "array",
        ["description"] = description,
        ["maxItems"] = Items,
        ["x-kubernetes-list-type"] = "atomic",
        ["items"] = items,
    };

    private static JsonObject Group(string? description, params ReadOnlySpan<(string Name, JsonObject Schema)> fields)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in fields)
        {
            properties[name] = schema;
        }

        var group = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (description is not null)
        {
            group["description"] = description;
        }

        return group;
    }
}
