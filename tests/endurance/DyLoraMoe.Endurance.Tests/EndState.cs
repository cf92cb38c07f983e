using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>What a life came to, without times, tries and what depends on the order of things.</summary>
internal sealed class EndState(Kubernetes client)
{
    private const string Namespace = "default";

    /// <summary>Resources with their conditions and what they name; equal for equal ends.</summary>
    public async Task<string> PictureAsync()
    {
        var lines = new List<string>();
        foreach (var expert in await new Resource(client, "loraexperts").ListAsync())
        {
            lines.Add($"expert {expert.Name()}: {Text(expert, "artifact", "digest")} version {Text(expert, "artifact", "version")} {Text(expert, "stage")} {Text(expert, "maturityPercent")} admitted {Text(expert, "admittedDigest")} served {Text(expert, "served")}");
            lines.Add("  learnt " + Each(expert.Status("trainedOn"), each => $"{each["skill"]}={each["dataset"]}"));
            lines.Add("  history " + Each(expert.Status("history"), each => $"{each["version"]}:{each["reason"]}:{each["digest"]}"));
            lines.Add(Conditions(expert));
        }

        foreach (var skill in await new Resource(client, "skills").ListAsync())
        {
            lines.Add($"skill {skill.Name()}: {Text(skill, "novelty", "decision")} {Text(skill, "expertRef", "name")} {Text(skill, "dataset", "digest")}");
            lines.Add(Conditions(skill));
        }

        foreach (var night in await new Resource(client, "consolidations").ListAsync())
        {
            lines.Add($"night {night.Name()}: run {Text(night, "run", "number")} {Text(night, "run", "outcome")} {Text(night, "run", "progress")} missed {Text(night, "missed")} job {Text(night, "job")}");
            lines.Add("  experts " + Each(night.Status("run", "experts"), each => $"{each["name"]}:{each["stage"]}:{each["artifact"]?["version"]}:{each["artifact"]?["digest"]}"));
            lines.Add("  history " + Each(night.Status("history"), each => $"{each["number"]}:{each["outcome"]}:{each["message"]}"));
            lines.Add(Conditions(night));
        }

        foreach (var backbone in await new Resource(client, "backbones").ListAsync())
        {
            lines.Add($"backbone {backbone.Name()}: {Text(backbone, "activeRevision")} pending {Text(backbone, "pendingRevision")} {Text(backbone, "experts")} experts {Text(backbone, "matureExperts")} mature {Text(backbone, "routingMode")} {Text(backbone, "serving")}");
            lines.Add("  refused " + Each(backbone.Status("refused"), each => $"{each["expert"]}@{each["digest"]}"));
            lines.Add(Conditions(backbone));
        }

        var deployments = await client.AppsV1.ListNamespacedDeploymentAsync(Namespace);
        lines.AddRange(deployments.Items.Select(each => $"deployment {each.Name()}: {each.Spec.Replicas} wanted {each.Status.UpdatedReplicas} updated {each.Status.ReadyReplicas} ready"));
        return string.Join('\n', lines);
    }

    /// <summary>What is there and should not be: children without a parent, work that nobody asks for, pods that nobody needs.</summary>
    public async Task<string> LeftOversAsync()
    {
        var maps = (await client.CoreV1.ListNamespacedConfigMapAsync(Namespace)).Items;
        var jobs = (await client.BatchV1.ListNamespacedJobAsync(Namespace)).Items;
        var pods = (await client.CoreV1.ListNamespacedPodAsync(Namespace)).Items;
        var deployments = (await client.AppsV1.ListNamespacedDeploymentAsync(Namespace)).Items;
        var sets = (await client.AppsV1.ListNamespacedReplicaSetAsync(Namespace)).Items;
        IEnumerable<(string Kind, V1ObjectMeta Metadata)> all =
        [
            .. maps.Select(each => ("configmap", each.Metadata)),
            .. jobs.Select(each => ("job", each.Metadata)),
            .. pods.Select(each => ("pod", each.Metadata)),
            .. deployments.Select(each => ("deployment", each.Metadata)),
            .. sets.Select(each => ("replicaset", each.Metadata)),
            .. (await client.CoreV1.ListNamespacedServiceAsync(Namespace)).Items.Select(each => ("service", each.Metadata)),
            .. (await client.CoreV1.ListNamespacedServiceAccountAsync(Namespace)).Items.Select(each => ("serviceaccount", each.Metadata)),
            .. (await client.RbacAuthorizationV1.ListNamespacedRoleAsync(Namespace)).Items.Select(each => ("role", each.Metadata)),
            .. (await client.RbacAuthorizationV1.ListNamespacedRoleBindingAsync(Namespace)).Items.Select(each => ("rolebinding", each.Metadata)),
        ];
        var present = all.Select(each => each.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var plural in new[] { "backbones", "skills", "loraexperts", "consolidations" })
        {
            present.UnionWith((await new Resource(client, plural).ListAsync()).Select(each => (string)each["metadata"]!["uid"]!));
        }

        var nights = await new Resource(client, "consolidations").ListAsync();
        var requests = maps.Where(map => map.GetLabel("dylora.dev/job-kind") is not null).ToDictionary(map => map.Name(), StringComparer.Ordinal);
        var isRouter = pods.ToLookup(pod => pod.GetLabel("app.kubernetes.io/component") == "router");
        IEnumerable<string> found =
        [
            .. all.Where(each => each.Metadata.OwnerReferences?.Any(owner => !present.Contains(owner.Uid)) == true).Select(each => $"{each.Kind} {each.Metadata.Name} outlived its owner"),
            .. all.Where(each => each.Kind != "pod" && each.Metadata.Labels?.ContainsKey("dylora.dev/backbone") == true && each.Metadata.OwnerReferences is not { Count: > 0 }).Select(each => $"{each.Kind} {each.Metadata.Name} has no owner"),
            .. all.Where(each => each.Metadata.DeletionTimestamp is not null).Select(each => $"{each.Kind} {each.Metadata.Name} is being deleted"),
            .. jobs.Where(job => !requests.ContainsKey(job.Name())).Select(job => $"job {job.Name()} has no request"),
            .. jobs.Where(job => job.Status?.Conditions?.Any(condition => condition is { Type: "Complete" or "Failed", Status: "True" }) != true).Select(job => $"job {job.Name()} has not ended"),
            .. jobs.Where(job => job.Spec.TtlSecondsAfterFinished is null).Select(job => $"job {job.Name()} stays for ever"),
            .. requests.Values.Where(map => map.GetAnnotation("dylora.dev/result") is null).Select(map => $"request {map.Name()} has no result"),
            .. nights.Where(night => night.Status("run") is { } run && run["outcome"] is null).Select(night => $"night {night.Name()} is in run {night.Status("run", "number")}"),
            .. await NotServedAsync(maps),
            .. maps.Where(map => map.GetLabel("app.kubernetes.io/component") == "data").Select(map => $"data {map.Name()} are still there"),
            .. isRouter[false].Where(pod => pod.Status?.Phase is "Pending" or "Running").Select(pod => $"pod {pod.Name()} is {pod.Status.Phase}"),
            .. isRouter[true].Count() == deployments.Sum(each => each.Spec.Replicas) ? Array.Empty<string>() : [$"routers are {string.Join(", ", isRouter[true].Select(pod => pod.Name()))}"],
        ];
        return string.Join('\n', found);
    }

    /// <summary>Experts of which another version is served than the one that was admitted.</summary>
    private async Task<IEnumerable<string>> NotServedAsync(IEnumerable<V1ConfigMap> maps)
    {
        var deployments = await client.AppsV1.ListNamespacedDeploymentAsync(Namespace);
        var revisions = deployments.Items.Select(each => each.Spec.Template.Metadata.Annotations["dylora.dev/revision"]).ToHashSet(StringComparer.Ordinal);
        var served = maps
            .Where(map => map.GetAnnotation("dylora.dev/revision") is { } revision && revisions.Contains(revision))
            .SelectMany(map => JsonNode.Parse(map.Data["set.json"])!["experts"]!.AsArray())
            .ToDictionary(member => (string)member!["name"]!, member => (string)member!["digest"]!, StringComparer.Ordinal);
        var experts = await new Resource(client, "loraexperts").ListAsync();
        return experts
            .Where(expert => (string?)expert.Status("admittedDigest") != served.GetValueOrDefault(expert.Name()))
            .Select(expert => $"expert {expert.Name()} is served as {served.GetValueOrDefault(expert.Name())}, but {Text(expert, "admittedDigest")} was admitted");
    }

    private static string Text(JsonObject item, params string[] path) => item.Status(path)?.ToString() ?? "-";

    private static string Each(JsonNode? list, Func<JsonNode, string> show) => string.Join(' ', list?.AsArray().Select(each => show(each!)) ?? []);

    private static string Conditions(JsonObject item) =>
        "  " + string.Join(' ', item.Conditions().OrderBy(condition => condition.Type, StringComparer.Ordinal).Select(condition => $"{condition.Type}={condition.Status}:{condition.Reason}"));
}
