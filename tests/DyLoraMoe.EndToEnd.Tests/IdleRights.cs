using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>Rights of the operator that the lives told here never need, and why it has them all the same. The tests of DyLoraMoe.Operator see each of them used.</summary>
internal static class IdleRights
{
    private const string Owners = "its children block the deletion of their owners, which clusters with OwnerReferencesPermissionEnforcement allow only with this";
    private const string Late = "KubeOps reads an object before a visit that was put off, when nothing happened to it before";
    private const string Switched = "made, changed and removed when a Backbone asks for it: several replicas, autoscaling";
    private const string There = "read when what is to be made is there already, as after a crash, or when a spec names it";

    private static readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal)
    {
        ["update dylora.dev/backbones/finalizers"] = Owners,
        ["update dylora.dev/skills/finalizers"] = Owners,
        ["update dylora.dev/loraexperts/finalizers"] = Owners,
        ["update dylora.dev/consolidations/finalizers"] = Owners,
        ["update dylora.dev/growths/finalizers"] = Owners,
        ["get dylora.dev/backbones"] = Late,
        ["get dylora.dev/skills"] = Late,
        ["get dylora.dev/loraexperts"] = Late,
        ["get dylora.dev/consolidations"] = Late,
        ["get dylora.dev/growths"] = Late,
        ["get policy/poddisruptionbudgets"] = Switched,
        ["create policy/poddisruptionbudgets"] = Switched,
        ["patch policy/poddisruptionbudgets"] = Switched,
        ["delete policy/poddisruptionbudgets"] = Switched,
        ["get autoscaling/horizontalpodautoscalers"] = Switched,
        ["create autoscaling/horizontalpodautoscalers"] = Switched,
        ["patch autoscaling/horizontalpodautoscalers"] = Switched,
        ["delete autoscaling/horizontalpodautoscalers"] = Switched,
        ["get configmaps"] = There,
        ["get batch/jobs"] = There,
        ["get serviceaccounts"] = There,
        ["delete batch/jobs"] = "work that a change of a spec calls off",
        ["create dylora.dev/skills"] = "proposals from traffic, when a Backbone asks for them",
        ["list kueue.x-k8s.io/workloads"] = "why a Job waits, where there is Kueue",
    };

    /// <summary>A verb and what it is done to, for people.</summary>
    public static string Text(NeededRight right) => Text(right.Verb, right.Group, right.Resource);

    /// <summary>What is granted, was not needed, and has no reason.</summary>
    public static IReadOnlyList<string> Unexplained(IEnumerable<(string Verb, string Group, string Resource)> granted, IEnumerable<NeededRight> needed) =>
        [.. granted.Select(each => Text(each.Verb, each.Group, each.Resource)).Except(needed.Select(Text)).Except(_reasons.Keys).Order(StringComparer.Ordinal)];

    /// <summary>Reasons for what nobody grants any more.</summary>
    public static IReadOnlyList<string> Outdated(IEnumerable<(string Verb, string Group, string Resource)> granted) =>
        [.. _reasons.Keys.Except(granted.Select(each => Text(each.Verb, each.Group, each.Resource)))];

    private static string Text(string verb, string group, string resource) => $"{verb} {(group.Length > 0 ? group + "/" : "")}{resource}";
}
