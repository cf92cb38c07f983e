using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Accounts;

/// <summary>Gives each namespace what pods in it count on: the default service account and the server's certificate authority.</summary>
internal sealed class NamespaceEquipment : Controller<string>
{
    private const string Authority = "kube-root-ca.crt";

    private readonly Informer<V1Namespace> _namespaces;
    private readonly Informer<V1ServiceAccount> _accounts;

    public NamespaceEquipment(ClusterContext cluster)
        : base("Namespaces", cluster)
    {
        _namespaces = cluster.Informer<V1Namespace>();
        _accounts = cluster.Informer<V1ServiceAccount>();
        _namespaces.Changed += (_, now) =>
        {
            if (now is not null)
            {
                Queue.Add(now.Metadata.Name);
            }
        };
        _accounts.Changed += (before, now) =>
        {
            if (now is null && before!.Metadata.Name == "default")
            {
                Queue.Add(before.Metadata.NamespaceProperty);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_namespaces, _accounts];

    protected override async Task<TimeSpan?> ReconcileAsync(string key, CancellationToken cancellation)
    {
        if (_namespaces.Get(new ObjectKey("", key)) is not { } space || space.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        if (_accounts.Get(new ObjectKey(key, "default")) is null)
        {
            await EnsureAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "default", NamespaceProperty = key } }, cancellation);
        }

        if (Cluster.Options.CertificateAuthority is { } authority
            && (await Cluster.Api.FindAsync<V1ConfigMap>(key, Authority, cancellation)) is null)
        {
            await EnsureAsync(
                new V1ConfigMap
                {
                    Metadata = new V1ObjectMeta { Name = Authority, NamespaceProperty = key },
                    Data = new Dictionary<string, string> { ["ca.crt"] = authority },
                },
                cancellation);
        }

        return null;
    }

    private async Task EnsureAsync<T>(T item, CancellationToken cancellation)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await Cluster.Api.CreateAsync(item, cancellation);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody else was faster.
        }
    }
}
