using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Sets;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>What of a store is referred to, so that a collection leaves it.</summary>
internal static class Referred
{
    /// <summary>All that resources, sets, work under way and the ledger name.</summary>
    public static CollectInput By(ICluster cluster, Backbone backbone, Ledger ledger, IReadOnlyList<KnownSet> sets)
    {
        var (ns, name) = (backbone.Metadata.NamespaceProperty, backbone.Metadata.Name);
        var growths = cluster.Growths(backbone).Where(growth => growth.Status.AdoptionTime is null).ToList();
        var experts = cluster.List<LoraExpert>(ns).Where(expert => expert.Spec.BackboneRef.Name == name).ToList();
        var skills = cluster.List<Skill>(ns).Where(skill => skill.Spec.BackboneRef.Name == name).ToList();
        return new()
        {
            Datasets = Ordered([
                .. skills.Select(skill => skill.Status.Dataset?.Digest),
                .. experts.SelectMany(expert => expert.Status.TrainedOn ?? []).Select(each => each.Dataset),
                .. skills.SelectMany(skill => ResultsOf(cluster, skill, JobKind.Assess)).Select(result => result.Assess?.Dataset),
                .. ledger.Kept,
            ]),
            Experts = Ordered([
                .. experts.Select(expert => expert.Status.Artifact?.Digest),
                .. experts.SelectMany(expert => expert.Status.History ?? []).Select(entry => entry.Digest),
                .. experts.SelectMany(expert => ResultsOf(cluster, expert, JobKind.Train)).Select(result => result.Train?.Expert),
                .. sets.SelectMany(set => set.Set.Experts).Select(member => member.Digest),
                .. Offers.All(cluster, ns, name).Select(offer => offer.Artifact!.Digest),
                .. growths.SelectMany(growth => growth.Status.Experts ?? []).Select(each => each.Artifact?.Digest),
                .. ledger.Kept,
            ]),
            Routers = Ordered([
                .. sets.Select(set => set.Set.Router),
                .. ResultsOf(cluster, backbone, JobKind.FitRouter).Select(result => result.FitRouter?.Router),
            ]),
            Backbones = Ordered([.. sets.Select(set => set.Set.Backbone.Artifact), .. growths.Select(growth => growth.Status.Backbone?.Artifact)]),
            Checkpoints = Ordered([.. OpenRequests(cluster, backbone).Select(map => map.Metadata.Name)]),
        };
    }

    /// <summary>Requests whose jobs may still go on.</summary>
    public static IEnumerable<V1ConfigMap> OpenRequests(ICluster cluster, Backbone backbone) => cluster.List<V1ConfigMap>(backbone.Metadata.NamespaceProperty, Labels.Backbone, backbone.Metadata.Name)
        .Where(map => map.Tag(Labels.JobKind) is not null and not nameof(JobKind.Collect) && RequestStore.ResultOf(map)?.Outcome != JobOutcome.Succeeded);

    // What is recorded and not yet in a status or a set.
    private static IEnumerable<JobResult> ResultsOf(ICluster cluster, IKubernetesObject<V1ObjectMeta> subject, JobKind kind) =>
        cluster.RequestsOf(subject, kind).Select(RequestStore.ResultOf).OfType<JobResult>();

    private static IReadOnlyList<string> Ordered(IEnumerable<string?> digests) => [.. digests.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
