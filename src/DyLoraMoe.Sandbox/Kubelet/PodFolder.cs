using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>The folder of a pod on this machine; it goes when the pod does.</summary>
internal sealed class PodFolder(string root, string uid)
{
    public string Root { get; } = Path.Combine(root, uid);

    public string Home => Path.Combine(Root, "home");

    public string Temporary => Path.Combine(Root, "tmp");

    public string ServiceAccount => Path.Combine(Root, "serviceaccount");

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    public string Volume(string name) => Path.Combine(Root, "volumes", name);

    public string Container(string name) => Path.Combine(Root, "containers", name);

    public string Log(string container, int run) => Path.Combine(Container(container), $"{run}.log");

    public string TerminationMessage(string container) => Path.Combine(Container(container), "termination-log");

    /// <summary>Where the supervisor leaves the exit code of a run, for a sandbox that comes back.</summary>
    public string ExitCode(string container, int run) => Path.Combine(Container(container), $"{run}.exit");

    public void Prepare(V1Pod pod)
    {
        foreach (var folder in (string[])[Root, Home, Temporary, ServiceAccount, .. Names(pod).Select(Container)])
        {
            Directory.CreateDirectory(folder);
        }
    }

    public void Remove()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    private static IEnumerable<string> Names(V1Pod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Select(container => container.Name);
}
