using System.Text.Json.Nodes;
using DyLoraMoe.Testing;
using DyLoraMoe.Testing.Resources;
using k8s;
using k8s.Models;

namespace DyLoraMoe.ClusterHarness;

/// <summary>
/// The operator's account with the roles that an installation gives it, and no others: the objects of <c>config/rbac</c>, which are the chart's, under names
/// of their own, so that several have room in a cluster.
/// </summary>
internal sealed class OperatorAccount : IAsyncDisposable
{
    private const string Name = "dylora-operator";
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly Lazy<Task<string>> _manifests = new(() => new Kubectl("").RunAsync("kustomize", Path.Combine(SharedFiles.RepositoryRoot, "config", "rbac")));

    private readonly Kubernetes _admin;
    private readonly string _namespace;

    private OperatorAccount(Kubernetes admin, string @namespace, string kubeConfig) => (_admin, _namespace, KubeConfig) = (admin, @namespace, kubeConfig);

    /// <summary>How the operator reaches the cluster: with a token of the account, and nothing else.</summary>
    public string KubeConfig { get; }

    /// <summary>What its roles grant, a verb on a resource each.</summary>
    public static async Task<IReadOnlyList<(string Verb, string Group, string Resource)>> GrantedAsync() =>
    [
        .. from manifest in await ManifestsAsync()
           from rule in manifest["rules"]?.AsArray() ?? []
           from verb in rule["verbs"]!.AsArray()
           from @group in rule["apiGroups"]!.AsArray()
           from resource in rule["resources"]!.AsArray()
           select ((string)verb!, (string)@group!, (string)resource!),
    ];

    /// <summary>Makes it.</summary>
    /// <param name="admin">A client that may.</param>
    /// <param name="adminConfig">The kubeconfig of one that may.</param>
    /// <param name="namespace">Its namespace, which is made, and where the operator holds its lease.</param>
    /// <param name="kubeConfig">Where the account's kubeconfig is written.</param>
    public static async Task<OperatorAccount> CreateAsync(Kubernetes admin, string adminConfig, string @namespace, string kubeConfig)
    {
        await admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = @namespace } });
        foreach (var manifest in await ManifestsAsync())
        {
            await CreateAsync(admin, Renamed(manifest, @namespace));
        }

        var token = await admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(new() { Spec = new() { Audiences = [], ExpirationSeconds = 4 * 3600 } }, Name, @namespace);
        var config = YamlJson.Read(await new Kubectl(adminConfig).RunAsync("config", "view", "--raw", "--flatten", "--minify")).Single();
        config["contexts"]![0]!["context"]!["namespace"] = @namespace;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = token.Status.Token };
        await File.WriteAllTextAsync(kubeConfig, config.ToJsonString());
        return new OperatorAccount(admin, @namespace, kubeConfig);
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.RbacAuthorizationV1.DeleteClusterRoleBindingAsync(_namespace);
        await _admin.RbacAuthorizationV1.DeleteClusterRoleAsync(_namespace);
        await _admin.CoreV1.DeleteNamespaceAsync(_namespace);
    }

    // Without the roles that are for people.
    private static async Task<IEnumerable<JsonObject>> ManifestsAsync() =>
        YamlJson.Read(await _manifests.Value).Where(manifest => manifest.Name().StartsWith(Name, StringComparison.Ordinal));

    private static Task CreateAsync(Kubernetes admin, JsonObject manifest)
    {
        var (kind, ns) = ((string)manifest["kind"]!, (string?)manifest["metadata"]!["namespace"]);
        var plural = kind.ToLowerInvariant() + "s";
        return ns is null ? admin.CustomObjects.CreateClusterCustomObjectAsync<JsonObject>(manifest, Group, "v1", plural)
            : kind == "ServiceAccount" ? admin.CoreV1.CreateNamespacedServiceAccountAsync(KubernetesJson.Deserialize<V1ServiceAccount>(manifest.ToJsonString()), ns)
            : admin.CustomObjects.CreateNamespacedCustomObjectAsync<JsonObject>(manifest, Group, "v1", ns, plural);
    }

    // What is of the whole cluster is named as the namespace.
    private static JsonObject Renamed(JsonObject manifest, string @namespace)
    {
        var metadata = manifest["metadata"]!;
        metadata[metadata["namespace"] is null ? "name" : "namespace"] = @namespace;
        if (manifest["roleRef"] is { } role && (string?)role["kind"] == "ClusterRole")
        {
            role["name"] = @namespace;
        }

        if (manifest["subjects"]?[0] is { } subject)
        {
            subject["namespace"] = @namespace;
        }

        return manifest;
    }
}
