using System.Text.Json.Nodes;

namespace DyLoraMoe.Testing.Resources;

/// <summary>How tools that wait for resources see one, such as <c>flux</c>, <c>kpt</c> and everything else that is built on kstatus.</summary>
public enum KStatus
{
    /// <summary>Work is under way.</summary>
    InProgress,

    /// <summary>It is as it should be.</summary>
    Current,

    /// <summary>It failed, and waiting does not help.</summary>
    Failed,

    /// <summary>It is being deleted.</summary>
    Terminating,
}

/// <summary>kstatus' rules for resources that it knows nothing about but their conditions.</summary>
public static class KStatusRules
{
    /// <summary>
    /// How a resource counts. In order: being deleted; a status for another generation; Reconciling; Stalled; Ready, of which only True is done.
    /// A resource without Ready counts as done, which is why a status must say before the first visit that it is for no generation yet.
    /// </summary>
    /// <param name="resource">The resource.</param>
    public static KStatus Of(JsonObject resource)
    {
        var metadata = resource["metadata"]?.AsObject();
        if (metadata?["deletionTimestamp"] is not null)
        {
            return KStatus.Terminating;
        }

        var observed = Number(resource["status"]?["observedGeneration"]);
        if (observed is not null && Number(metadata?["generation"]) is { } generation && observed != generation)
        {
            return KStatus.InProgress;
        }

        if (Condition(resource, "Reconciling") == "True")
        {
            return KStatus.InProgress;
        }

        if (Condition(resource, "Stalled") == "True")
        {
            return KStatus.Failed;
        }

        return Condition(resource, "Ready") is null or "True" ? KStatus.Current : KStatus.InProgress;
    }

    private static string? Condition(JsonObject resource, string type) =>
        resource["status"]?["conditions"]?.AsArray()
            .FirstOrDefault(condition => condition?["type"]?.GetValue<string>() == type)?["status"]?.GetValue<string>();

    private static long? Number(JsonNode? node) => node is null ? null : long.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
}
