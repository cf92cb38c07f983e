using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>Gives each Service that has none a clusterIP on the loopback network.</summary>
internal sealed class ServiceAddresses : Controller<ObjectKey>
{
    private readonly LoopbackNetwork _network;
    private readonly Informer<V1Service> _services;

    public ServiceAddresses(ClusterContext cluster, LoopbackNetwork network)
        : base("ServiceAddresses", cluster, workers: 1)
    {
        _network = network;
        _services = cluster.Informer<V1Service>();
        _services.Changed += (_, now) =>
        {
            if (now is not null)
            {
                Queue.Add(ObjectKey.Of(now));
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_services];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_services.Get(key) is not { } service || service.Metadata.DeletionTimestamp is not null
            || service.Spec.Type == "ExternalName" || !string.IsNullOrEmpty(service.Spec.ClusterIP))
        {
            return null;
        }

        var taken = _services.All().Select(other => other.Spec.ClusterIP).ToHashSet();
        var changed = ClusterContext.Copy(service);
        changed.Spec.ClusterIP = _network.ServiceAddress(key.ToString(), taken.Contains);
        changed.Spec.ClusterIPs = [changed.Spec.ClusterIP];
        await Cluster.UpdateAsync(changed, null, cancellation);
        return null;
    }
}
