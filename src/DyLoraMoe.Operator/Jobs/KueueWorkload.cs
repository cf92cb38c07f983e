using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>What Kueue keeps of a Job in its queue: only what is asked for here, which is why it waits.</summary>
[KubernetesEntity(Group = "kueue.x-k8s.io", ApiVersion = "v1beta1", Kind = "Workload", PluralName = "workloads")]
internal sealed class KueueWorkload : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The label that names the Job, by its uid.</summary>
    public const string JobUid = "kueue.x-k8s.io/job-uid";

    private const int Longest = 512;

    public string ApiVersion { get; set; } = "kueue.x-k8s.io/v1beta1";

    public string Kind { get; set; } = "Workload";

    public V1ObjectMeta Metadata { get; set; } = new();

    public WorkloadStatus? Status { get; set; }

    /// <summary>Whether it was admitted once, and is not any more: Kueue leaves no trace of that on the Job itself.</summary>
    public bool IsEvicted => Status?.Conditions?.Any(condition => condition is { Type: "Evicted", Status: "True" }) == true;

    /// <summary>Why it is not admitted, in Kueue's words: it was evicted, or there is no quota for it; null when it does not say.</summary>
    public string? Reason()
    {
        var conditions = Status?.Conditions ?? [];
        var told = conditions.FirstOrDefault(condition => condition is { Type: "QuotaReserved", Status: "False", Message.Length: > 0 })
            ?? conditions.FirstOrDefault(condition => condition is { Type: "Evicted", Status: "True", Message.Length: > 0 });
        return told?.Message is { } message ? message[..Math.Min(message.Length, Longest)] : null;
    }

    /// <summary>Its status.</summary>
    internal sealed class WorkloadStatus
    {
        public IList<V1Condition>? Conditions { get; set; }
    }
}
