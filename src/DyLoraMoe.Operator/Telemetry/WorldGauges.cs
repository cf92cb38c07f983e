using System.Diagnostics.Metrics;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using k8s.Models;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>What there is in the cluster, counted from the caches when somebody scrapes.</summary>
internal sealed class WorldGauges(ICluster cluster, OperatorMetrics metrics)
{
    public void Register()
    {
        metrics.Observe("dylora_jobs", "Jobs by kind and state.", () => Count(cluster.ListAll<V1Job>().Select(job => (
            ("job_kind", job.Tag(Labels.JobKind) ?? "", "state"), JobReading.IsOver(job) ? "Finished" : job.Spec?.Suspend == true ? "Suspended" : "Running"))));
        metrics.Observe("dylora_experts", "Experts by backbone and stage.", () => Count(cluster.ListAll<LoraExpert>().Select(expert => (
            ("backbone", expert.Spec.BackboneRef.Name, "stage"), expert.Status.Stage ?? ExpertStages.Pending))));
        metrics.Observe("dylora_consolidations", "Consolidations by backbone and how their newest run ended.", () => Count(cluster.ListAll<Consolidation>().Select(night => (
            ("backbone", night.Spec.BackboneRef.Name, "outcome"), night.Status.Run is { } run ? run.Outcome ?? "Running" : "None"))));
        metrics.Observe("dylora_growths", "Growths by backbone and the reason of Ready.", () => Count(cluster.ListAll<Growth>().Select(growth => (
            ("backbone", growth.Spec.BackboneRef.Name, "reason"), growth.Status.Conditions.Find(ConditionTypes.Ready)?.Reason ?? Reasons.Pending))));
        metrics.Observe("dylora_skills", "Skills by backbone and the status of Ready.", () => Count(cluster.ListAll<Skill>().Select(skill => (
            ("backbone", skill.Spec.BackboneRef.Name, "ready"), skill.Status.Conditions.Find(ConditionTypes.Ready)?.Status ?? ConditionStatus.Unknown))));
    }

    private static IEnumerable<Measurement<long>> Count(IEnumerable<((string Name, string Value, string Other) Key, string State)> found) =>
        found.GroupBy(each => each).Select(group => new Measurement<long>(
            group.LongCount(), new KeyValuePair<string, object?>(group.Key.Key.Name, group.Key.Key.Value), new KeyValuePair<string, object?>(group.Key.Key.Other, group.Key.State)));
}
