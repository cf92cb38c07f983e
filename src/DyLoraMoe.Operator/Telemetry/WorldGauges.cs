using System.Diagnostics.Metrics;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>What there is in the cluster, counted from the caches when somebody scrapes.</summary>
internal sealed class WorldGauges(ICluster cluster, OperatorMetrics metrics)
{
    public void Register()
    {
        metrics.Observe("dylora_jobs", "Jobs by kind and state.", () => Count(
            cluster.ListAll<V1Job>().Select(job => (Kind: job.Tag(Labels.JobKind) ?? "", State: JobReading.IsOver(job) ? "Finished" : job.Spec?.Suspend == true ? "Suspended" : "Running")),
            each => [new("job_kind", each.Kind), new("state", each.State)]));
        metrics.Observe("dylora_experts", "Experts by backbone and stage.", () => Count(
            "stage", cluster.ListAll<LoraExpert>().Select(expert => (BackboneOf(expert, expert.Spec.BackboneRef), expert.Status.Stage ?? ExpertStages.Pending))));
        metrics.Observe("dylora_consolidations", "Consolidations by backbone and how their newest run ended.", () => Count(
            "outcome", cluster.ListAll<Consolidation>().Select(night => (BackboneOf(night, night.Spec.BackboneRef), night.Status.Run is { } run ? run.Outcome ?? "Running" : "None"))));
        metrics.Observe("dylora_growths", "Growths by backbone and the reason of Ready.", () => Count(
            "reason", cluster.ListAll<Growth>().Select(growth => (BackboneOf(growth, growth.Spec.BackboneRef), growth.Status.Conditions.Find(ConditionTypes.Ready)?.Reason ?? Reasons.Pending))));
        metrics.Observe("dylora_skills", "Skills by backbone and the status of Ready.", () => Count(
            "ready", cluster.ListAll<Skill>().Select(skill => (BackboneOf(skill, skill.Spec.BackboneRef), skill.Status.Conditions.Find(ConditionTypes.Ready)?.Status ?? ConditionStatus.Unknown))));
    }

    private static ObjectKey BackboneOf(IKubernetesObject<V1ObjectMeta> found, LocalReference backbone) => new(found.Metadata.NamespaceProperty, backbone.Name);

    private static IEnumerable<Measurement<long>> Count(string label, IEnumerable<(ObjectKey Backbone, string State)> found) =>
        Count(found, each => [.. OperatorMetrics.LabelsOf(each.Backbone), new(label, each.State)]);

    private static IEnumerable<Measurement<long>> Count<T>(IEnumerable<T> found, Func<T, KeyValuePair<string, object?>[]> labels) =>
        found.GroupBy(each => each).Select(group => new Measurement<long>(group.LongCount(), labels(group.Key)));
}
