using DyLoraMoe.Kubectl.CommandLine;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

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
        var files = Files(kubeconfig);
        if (files.Count > 0)
        {
            return Load(files, context);
        }

        return context is null && KubernetesClientConfiguration.IsInCluster()
            ? new(KubernetesClientConfiguration.InClusterConfig(), null, null)
            : throw new PluginException("There is no kubeconfig: expected --kubeconfig FILE, $KUBECONFIG or ~/.kube/config.");
    }

    /// <summary>Loads it from files.</summary>
    /// <param name="files">The files, the first first.</param>
    /// <param name="context">The context that was named; null for the current one.</param>
    /// <exception cref="PluginException">They make no sense.</exception>
    public static ClusterAddress Load(IReadOnlyList<FileInfo> files, string? context)
    {
        try
        {
            var read = files.Select(Read).ToList();
            var config = read.Select(file => file.Configuration).Aggregate(Merged);
            var details = config.Contexts?.FirstOrDefault(each => each.Name == (context ?? config.CurrentContext))?.ContextDetails;
            var cluster = read.Select(file => file.Cluster(details?.Cluster)).FirstOrDefault(found => found is not null);
            var user = read.Select(file => file.User(details?.User)).FirstOrDefault(found => found is not null);
            var token = user is null ? null : TokenOf(user, config.Users.First(each => each.Name == details!.User));
            var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
            configuration.TokenProvider = token ?? configuration.TokenProvider;
            return new(configuration, ClusterProxy.Of(cluster, details?.Cluster), Impersonation.Of(user, details?.User));
        }
        catch (KubeConfigException error)
        {
            throw new PluginException($"The kubeconfig cannot be used: {error.Message}");
        }
    }

    /// <summary>The names of all contexts.</summary>
    /// <param name="kubeconfig">The file that was named; null for none.</param>
    /// <exception cref="PluginException">It makes no sense.</exception>
    public static IReadOnlyList<string> Contexts(string? kubeconfig) => [.. Files(kubeconfig).Select(Read).SelectMany(file => file.Configuration.Contexts ?? []).Select(context => context.Name).Distinct()];

    // The file may be renewed while the program runs, so it is read again; the client library does not know of it, and refuses a user who has nothing else.
    private static TokenFileAuth? TokenOf(YamlMappingNode user, User known)
    {
        if (KubeconfigFile.Text(user, "tokenFile") is not { Length: > 0 } file)
        {
            return null;
        }

        if (!File.Exists(file))
        {
            throw new PluginException($"The kubeconfig cannot be used: the tokenFile {file} of the user {known.Name} does not exist.");
        }

        known.UserCredentials.Token = File.ReadAllText(file).Trim();
        return new(file);
    }

    private static KubeconfigFile Read(FileInfo file)
    {
        try
        {
            return KubeconfigFile.Read(file);
        }
        catch (YamlException error)
        {
            throw new PluginException($"The kubeconfig cannot be used: {file.FullName}, line {error.Start.Line}: {error.Message}");
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
