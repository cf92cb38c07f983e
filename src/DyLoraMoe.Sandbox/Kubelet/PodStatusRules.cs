using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Why a pod ends though its containers would go on.</summary>
internal sealed record PodEnd(string Reason, string Message, string? DisruptionReason = null);

/// <summary>What a kubelet knows of a pod.</summary>
internal sealed record PodFindings(
    IReadOnlyList<ContainerSnapshot> Init, IReadOnlyList<ContainerSnapshot> Main, string? PodIp, PodEnd? End, bool Stopped);

/// <summary>A pod's status, from what is known of its containers.</summary>
internal static class PodStatusRules
{
    public static V1PodStatus Status(V1Pod pod, PodFindings findings, DateTime now)
    {
        var known = pod.Status ?? new V1PodStatus();
        var phase = known.Phase is "Succeeded" or "Failed" ? known.Phase : Phase(findings);
        var finished = phase is "Succeeded" or "Failed";
        var initialized = finished ? findings.Init.All(IsPassed) : Initialized(findings);
        var unready = findings.Init.Where(IsSidecar).Concat(findings.Main).Where(container => !container.Ready).Select(container => container.Container.Name).ToList();
        var ready = !finished && unready.Count == 0;
        var why = phase switch
        {
            "Succeeded" => ("PodCompleted", null),
            "Failed" => ("PodFailed", null),
            _ => ready ? (null, (string?)null) : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var conditions = new List<V1PodCondition>
        {
            Condition(known, "PodReadyToStartContainers", findings.PodIp is not null && !finished, null, null, now),
            initialized
                ? Condition(known, "Initialized", true, phase == "Succeeded" ? "PodCompleted" : null, null, now)
                : Condition(
                    known, "Initialized", false, "ContainersNotInitialized",
                    $"containers with incomplete status: [{string.Join(' ', findings.Init.Where(container => !IsPassed(container)).Select(container => container.Container.Name))}]", now),
            Condition(known, "Ready", ready, why.Item1, why.Item2, now),
            Condition(known, "ContainersReady", ready, why.Item1, why.Item2, now),
            Condition(known, "PodScheduled", true, null, null, now),
        };
        if (findings.End?.DisruptionReason is { } disruption)
        {
            conditions.Add(Condition(known, "DisruptionTarget", true, disruption, findings.End.Message, now));
        }

        conditions.AddRange((known.Conditions ?? []).Where(other => conditions.All(condition => condition.Type != other.Type)));
        var uid = pod.Metadata.Uid;
        return new V1PodStatus
        {
            Phase = phase,
            Reason = findings.End?.Reason ?? known.Reason,
            Message = findings.End?.Message ?? (known.Phase is "Pending" ? null : known.Message),
            HostIP = "127.0.0.1",
            HostIPs = [new V1HostIP { Ip = "127.0.0.1" }],
            PodIP = findings.PodIp ?? known.PodIP,
            PodIPs = (findings.PodIp ?? known.PodIP) is { Length: > 0 } address ? [new V1PodIP { Ip = address }] : null,
            StartTime = known.StartTime ?? now,
            QosClass = known.QosClass,
            Conditions = conditions,
            InitContainerStatuses = findings.Init.Count > 0 ? [.. findings.Init.Select(container => container.Status(uid))] : null,
            ContainerStatuses = [.. findings.Main.Select(container => container.Status(uid))],
        };
    }

    public static string Phase(PodFindings findings)
    {
        if (findings.End is not null)
        {
            return findings.Stopped ? "Failed" : Living(findings);
        }

        if (findings.Init.Any(container => container is { Done: true, Succeeded: false } && !IsSidecar(container)))
        {
            return "Failed";
        }

        if (findings.Stopped && !findings.Main.All(container => container.Done))
        {
            return "Failed";
        }

        return findings.Main.All(container => container.Done)
            ? findings.Main.All(container => container.Succeeded) ? "Succeeded" : "Failed"
            : Living(findings);
    }

    public static bool IsSidecar(ContainerSnapshot container) => container.Container.RestartPolicy == "Always";

    private static string Living(PodFindings findings) =>
        Initialized(findings) && findings.Main.Any(container => container.State.Waiting is null || container.LastState is not null || container.Restarts > 0)
            ? "Running" : "Pending";

    private static bool Initialized(PodFindings findings) => findings.Init.All(IsPassed);

    private static bool IsPassed(ContainerSnapshot container) => container.Succeeded || (IsSidecar(container) && container.Started);

    private static V1PodCondition Condition(V1PodStatus known, string type, bool holds, string? reason, string? message, DateTime now)
    {
        var status = holds ? "True" : "False";
        var before = known.Conditions?.FirstOrDefault(condition => condition.Type == type);
        return new V1PodCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : now,
        };
    }
}
