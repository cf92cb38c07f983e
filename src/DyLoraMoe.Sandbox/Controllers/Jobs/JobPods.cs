using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>The pods that a Job creates.</summary>
internal static class JobPods
{
    public static V1Pod New(V1Job job, int? index)
    {
        var template = ClusterContext.Copy(job.Spec.Template);
        var metadata = template.Metadata ?? new V1ObjectMeta();
        var labels = new Dictionary<string, string>(metadata.Labels ?? new Dictionary<string, string>())
        {
            [JobNames.ControllerUid] = job.Metadata.Uid,
            [JobNames.LegacyControllerUid] = job.Metadata.Uid,
            [JobNames.JobName] = job.Metadata.Name,
            [JobNames.LegacyJobName] = job.Metadata.Name,
        };
        foreach (var (key, value) in job.Spec.Selector?.MatchLabels ?? new Dictionary<string, string>())
        {
            labels[key] = value;
        }

        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                NamespaceProperty = job.Metadata.NamespaceProperty,
                GenerateName = index is null ? $"{Short(job.Metadata.Name)}-" : $"{Short(job.Metadata.Name)}-{index}-",
                Labels = labels,
                Annotations = metadata.Annotations,
                Finalizers = [.. metadata.Finalizers ?? [], JobNames.TrackingFinalizer],
                OwnerReferences = [Owners.Controller(job)],
            },
            Spec = template.Spec,
        };
        if (index is { } number)
        {
            AddIndex(pod, job, number);
        }

        return pod;
    }

    private static void AddIndex(V1Pod pod, V1Job job, int index)
    {
        pod.Metadata.Annotations = new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            [JobNames.CompletionIndex] = $"{index}",
        };
        pod.Metadata.Labels[JobNames.CompletionIndex] = $"{index}";
        pod.Spec.Hostname = $"{job.Metadata.Name}-{index}";
        foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []))
        {
            container.Env =
            [
                .. (container.Env ?? []).Where(variable => variable.Name != "JOB_COMPLETION_INDEX"),
                new V1EnvVar
                {
                    Name = "JOB_COMPLETION_INDEX",
                    ValueFrom = new V1EnvVarSource
                    {
                        FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.annotations['{JobNames.CompletionIndex}']" },
                    },
                },
            ];
        }
    }

    /// <summary>Leaves room for the random end, as the API server's name generator does.</summary>
    private static string Short(string name) => name.Length > 52 ? name[..52] : name;
}
