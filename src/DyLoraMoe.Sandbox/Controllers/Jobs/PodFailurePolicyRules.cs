using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>What a Job's podFailurePolicy says about a failed pod.</summary>
internal enum FailureVerdict
{
    Count,
    Ignore,
    FailJob,
}

/// <summary>Finds the first rule of a podFailurePolicy that a failed pod matches; a pod that matches none is counted.</summary>
internal static class PodFailurePolicyRules
{
    public static (FailureVerdict Verdict, string? Message) Judge(V1PodFailurePolicy? policy, V1Pod pod)
    {
        for (var index = 0; index < (policy?.Rules?.Count ?? 0); index++)
        {
            var rule = policy!.Rules[index];
            if ((rule.OnExitCodes is { } codes ? MatchExitCode(codes, pod, rule.Action, index) : MatchCondition(rule, pod, index)) is { } message)
            {
                return (Enum.TryParse<FailureVerdict>(rule.Action, out var verdict) ? verdict : FailureVerdict.Count, message);
            }
        }

        return (FailureVerdict.Count, null);
    }

    private static string? MatchExitCode(V1PodFailurePolicyOnExitCodesRequirement rule, V1Pod pod, string action, int index)
    {
        foreach (var status in (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []))
        {
            if (status.State?.Terminated is not { ExitCode: not 0 } ended || (rule.ContainerName is not null && rule.ContainerName != status.Name))
            {
                continue;
            }

            var listed = rule.Values.Contains(ended.ExitCode);
            if (rule.OperatorProperty == "In" ? listed : !listed)
            {
                return $"Container {status.Name} for pod {ObjectKey.Of(pod)} failed with exit code {ended.ExitCode} matching {action} rule at index {index}";
            }
        }

        return null;
    }

    private static string? MatchCondition(V1PodFailurePolicyRule rule, V1Pod pod, int index)
    {
        foreach (var pattern in rule.OnPodConditions ?? [])
        {
            if (pod.Condition(pattern.Type) is { } condition && condition.Status == (pattern.Status ?? "True"))
            {
                return $"Pod {ObjectKey.Of(pod)} has condition {pattern.Type} matching {rule.Action} rule at index {index}";
            }
        }

        return null;
    }
}
