using DyLoraMoe.Kubectl.CommandLine;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>Finds the cluster by kubectl's rules: <c>--kubeconfig</c>, <c>KUBECONFIG</c> (several files), <c>~/.kube/config</c>, and in a pod its service account.</summary>
internal static class ClusterConfiguration
{
    /// <summary>Loads it.</summary>
    /// <param name="kubeconfig">The file that was named; null for none.</param>
    /// <param name="context">The context that was named; null for the current one.</param>
    /// <exception cref="PluginException">There is none, or it makes no sense.</exception>
    public static ClusterAddress Load(string? kubeconfig, string? context)
    {
        try
        {
            var files = Files(kubeconfig);
            if (files.Count > 0)
            {
                var config = files.Select(file => KubernetesClientConfiguration.LoadKubeConfig(file)).Aggregate(Merged);
                return new(KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context), ClusterProxy.Of(config, files, context));
            }

            return context is null && KubernetesClientConfiguration.IsInCluster()
                ? new(KubernetesClientConfiguration.InClusterConfig(), null)
                : throw new PluginException("There is no kubeconfig: expected --kubeconfig FILE, $KUBECONFIG or ~/.kube/config.");
        }
        catch (KubeConfigException error)
        {
            throw new PluginException($"The kubeconfig cannot be used: {error.Message}");
        }
    }

    // As kubectl does it: of what has the same name, the first counts.
    private static K8SConfiguration Merged(K8SConfiguration first, K8SConfiguration second)
    {
        first.CurrentContext = first.CurrentContext is { Length: > 0 } current ? current : second.CurrentContext;
        first.Contexts = [.. (first.Contexts ?? []).Concat(second.Contexts ?? []).DistinctBy(each => each.Name)];
        first.Clusters = [.. (first.Clusters ?? []).Concat(second.Clusters ?? []).DistinctBy(each => each.Name)];
        first.Users = [.. (first.Users ?? []).Concat(second.Users ?? []).DistinctBy(each => each.Name)];
        return first;
    }

    private static List<FileInfo> Files(string? kubeconfig)
    {
        if (kubeconfig is { Length: > 0 })
        {
            return File.Exists(kubeconfig) ? [new(kubeconfig)] : throw new PluginException($"The kubeconfig {kubeconfig} does not exist.");
        }

        var named = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var files = named.Length > 0 ? named : [KubernetesClientConfiguration.KubeConfigDefaultLocation];
        return [.. files.Where(File.Exists).Select(file => new FileInfo(file))];
    }
}
