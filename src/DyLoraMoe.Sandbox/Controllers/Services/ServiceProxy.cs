using System.Net;
using System.Net.Sockets;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Services;

/// <summary>Keeps a listener for each TCP port of each Service: on its clusterIP, and on 127.0.0.1 for a node port.</summary>
internal sealed class ServiceProxy : Controller<ObjectKey>, IAsyncDisposable
{
    private const string Source = "service-proxy";

    private readonly Informer<V1Service> _services;
    private readonly Informer<V1EndpointSlice> _slices;
    private readonly Dictionary<ObjectKey, Dictionary<IPEndPoint, (ProxyListener Listener, Balancer Balancer)>> _listeners = [];

    public ServiceProxy(ClusterContext cluster)
        : base("ServiceProxy", cluster, workers: 1)
    {
        _services = cluster.Informer<V1Service>();
        _slices = cluster.Informer<V1EndpointSlice>();
        _services.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _slices.Changed += (before, now) =>
        {
            if (ServiceOf((now ?? before)!) is { } key)
            {
                Queue.Add(key);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_services, _slices];

    public async ValueTask DisposeAsync()
    {
        foreach (var (listener, _) in _listeners.Values.SelectMany(listeners => listeners.Values))
        {
            await listener.DisposeAsync();
        }

        _listeners.Clear();
    }

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var service = _services.Get(key);
        var wanted = service is null ? [] : Wanted(service);
        if (!_listeners.TryGetValue(key, out var listeners))
        {
            _listeners[key] = listeners = [];
        }

        foreach (var address in listeners.Keys.Where(address => !wanted.ContainsKey(address)).ToList())
        {
            await listeners[address].Listener.DisposeAsync();
            listeners.Remove(address);
        }

        var failed = false;
        foreach (var (address, port) in wanted)
        {
            if (!listeners.TryGetValue(address, out var known))
            {
                var balancer = new Balancer();
                try
                {
                    listeners[address] = known = (new ProxyListener(address, balancer, Logger), balancer);
                }
                catch (SocketException e)
                {
                    failed = true;
                    Cluster.Events.Warning(service!, Source, "ListenFailed", $"Port {address} cannot be listened on: {e.Message}");
                    continue;
                }
            }

            known.Balancer.Set(Backends(key, port));
        }

        if (listeners.Count == 0)
        {
            _listeners.Remove(key);
        }

        return failed ? TimeSpan.FromSeconds(5) : null;
    }

    private static Dictionary<IPEndPoint, V1ServicePort> Wanted(V1Service service)
    {
        var wanted = new Dictionary<IPEndPoint, V1ServicePort>();
        var address = IPAddress.TryParse(service.Spec.ClusterIP, out var parsed) && IPAddress.IsLoopback(parsed) ? parsed : null;
        foreach (var port in (service.Spec.Ports ?? []).Where(port => port.Protocol is null or "TCP"))
        {
            if (address is not null)
            {
                wanted[new IPEndPoint(address, port.Port)] = port;
            }

            if (service.Spec.Type is "NodePort" or "LoadBalancer" && port.NodePort is > 0 and var node)
            {
                wanted[new IPEndPoint(IPAddress.Loopback, node)] = port;
            }
        }

        return wanted;
    }

    private IEnumerable<Backend> Backends(ObjectKey service, V1ServicePort port) =>
        from slice in _slices.In(service.Namespace)
        where ServiceOf(slice) == service
        from named in slice.Ports ?? []
        where (named.Name ?? "") == (port.Name ?? "") && named.Port is not null
        from endpoint in slice.Endpoints ?? []
        from address in endpoint.Addresses
        select new Backend(
            new IPEndPoint(IPAddress.Parse(address), named.Port!.Value),
            endpoint.Conditions?.Ready ?? true,
            endpoint.Conditions?.Serving ?? endpoint.Conditions?.Ready ?? true);

    private static ObjectKey? ServiceOf(V1EndpointSlice slice) =>
        slice.Metadata.Labels?.TryGetValue(EndpointRules.ServiceNameLabel, out var name) == true
            ? new ObjectKey(slice.Metadata.NamespaceProperty, name)
            : null;
}
