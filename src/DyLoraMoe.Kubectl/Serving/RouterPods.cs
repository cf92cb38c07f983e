using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Status;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>Chooses the pod that is asked.</summary>
internal static class RouterPods
{
    private const string PortName = "http";
    private const int UsualPort = 8080;

    /// <summary>A ready pod, one of the active revision before others, the oldest first.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="pods">Its router's pods.</param>
    /// <exception cref="PluginException">None is ready.</exception>
    public static V1Pod Choose(Backbone backbone, IEnumerable<V1Pod> pods)
    {
        var all = pods.Where(pod => pod.Metadata.DeletionTimestamp is null).ToList();
        return all.Where(IsReady)
            .OrderByDescending(pod => pod.Metadata.Annotations?.TryGetValue(Annotations.Revision, out var revision) == true && revision == backbone.Status.ActiveRevision)
            .ThenBy(pod => pod.Metadata.CreationTimestamp)
            .FirstOrDefault() ?? throw new PluginException(Missing(backbone, all));
    }

    /// <summary>The port that it answers on.</summary>
    public static int PortOf(V1Pod pod) =>
        pod.Spec?.Containers?.SelectMany(container => container.Ports ?? []).FirstOrDefault(port => port.Name == PortName)?.ContainerPort ?? UsualPort;

    private static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static string Missing(Backbone backbone, List<V1Pod> pods)
    {
        var state = State.Of(backbone.Status.Conditions);
        var found = pods.Count == 0 ? "there are none" : $"there {(pods.Count == 1 ? "is" : "are")} {Figures.Count(pods.Count, "pod")}, and none is ready";
        return $"Backbone {backbone.Metadata.Name} has no router pod that could answer: {found}. It is {(state.IsReady ? "ready" : "not ready")} ({state.Reason}): {state.Message} kubectl dylora why backbone/{backbone.Metadata.Name} says more.";
    }
}
