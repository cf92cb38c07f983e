using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the counts of pods in a status invalid.</summary>
internal static class ReplicaCounts
{
    /// <summary>Checks that no count is negative, and none of <paramref name="parts"/> more than all.</summary>
    public static void Check(JsonObject item, List<FieldError> errors, params ReadOnlySpan<string> parts)
    {
        JsonObject? status = item.Map("status");
        ValueChecks.NotNegative(status, "status", errors, ["replicas", .. parts, "observedGeneration"]);
        foreach (string part in parts)
        {
            if (Count(status, part) is var count && count > Count(status, "replicas"))
            {
                errors.Add(FieldError.Invalid($"status.{part}", count, "cannot be greater than status.replicas"));
            }
        }

        if (Count(status, "availableReplicas") is var available && available > Count(status, "readyReplicas"))
        {
            errors.Add(FieldError.Invalid("status.availableReplicas", available, "cannot be greater than readyReplicas"));
        }
    }

    private static long Count(JsonObject? status, string field) => status.Whole(field) ?? 0;
}
