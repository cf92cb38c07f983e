using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>Writes the EndpointSlice and the Endpoints of each Service that selects pods.</summary>
internal sealed class EndpointController : Controller<ObjectKey>
{
    private readonly Informer<V1Service> _services;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<V1EndpointSlice> _slices;
    private readonly Informer<V1Endpoints> _endpoints;

    public EndpointController(ClusterContext cluster)
        : base("Endpoints", cluster)
    {
        _services = cluster.Informer<V1Service>();
        _pods = cluster.Informer<V1Pod>();
        _slices = cluster.Informer<V1EndpointSlice>();
        _endpoints = cluster.Informer<V1Endpoints>();
        _services.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _pods.Changed += (before, now) =>
        {
            foreach (var service in _services.In((now ?? before)!.Metadata.NamespaceProperty)
                .Where(service => service.Spec.Selector.MatchesAll(before?.Metadata.Labels) || service.Spec.Selector.MatchesAll(now?.Metadata.Labels)))
            {
                Queue.Add(ObjectKey.Of(service));
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_services, _pods, _slices, _endpoints];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var service = _services.Get(key);
        if (service is null)
        {
            // The slice goes with its owner; Endpoints have none and go by name.
            if (_endpoints.Get(key) is { } left)
            {
                await Cluster.DeleteAsync(left, cancellation);
            }

            return null;
        }

        if (service.Spec.Selector is not { Count: > 0 } || service.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        var pods = _pods.In(key.Namespace);
        await WriteSliceAsync(EndpointRules.Slice(service, pods), _slices.Get(key), cancellation);
        await WriteEndpointsAsync(EndpointRules.Endpoints(service, pods), _endpoints.Get(key), cancellation);
        return null;
    }

    private async Task WriteSliceAsync(V1EndpointSlice wanted, V1EndpointSlice? known, CancellationToken cancellation)
    {
        if (known is null)
        {
            await Cluster.CreateAsync(wanted, cancellation);
        }
        else if (!ClusterContext.Same(known.Endpoints ?? [], wanted.Endpoints) || !ClusterContext.Same(known.Ports ?? [], wanted.Ports)
            || !wanted.Metadata.Labels.IsWithin(known.Metadata.Labels))
        {
            wanted.Metadata.ResourceVersion = known.Metadata.ResourceVersion;
            await Cluster.UpdateAsync(wanted, null, cancellation);
        }
    }

    private async Task WriteEndpointsAsync(V1Endpoints wanted, V1Endpoints? known, CancellationToken cancellation)
    {
        if (known is null)
        {
            await Cluster.CreateAsync(wanted, cancellation);
        }
        else if (!ClusterContext.Same(known.Subsets ?? [], wanted.Subsets ?? []) || !wanted.Metadata.Labels.IsWithin(known.Metadata.Labels))
        {
            wanted.Metadata.ResourceVersion = known.Metadata.ResourceVersion;
            await Cluster.UpdateAsync(wanted, null, cancellation);
        }
    }
}
