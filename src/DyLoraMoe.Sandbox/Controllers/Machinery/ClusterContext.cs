using k8s;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>What all controllers share: the API, one informer a kind, the clock and the event recorder.</summary>
internal sealed class ClusterContext
{
    private readonly Dictionary<Type, IInformer> _informers = [];
    private readonly Lock _gate = new();

    public ClusterContext(IKubernetes client, ClusterOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        Api = new ApiClient(client);
        Options = options;
        Loggers = loggers;
        Time = time;
        Events = new EventRecorder(Api, time, loggers.CreateLogger<EventRecorder>());
    }

    public ApiClient Api { get; }

    public ClusterOptions Options { get; }

    public ILoggerFactory Loggers { get; }

    public TimeProvider Time { get; }

    public EventRecorder Events { get; }

    /// <summary>The time now, to the second, as the API writes times.</summary>
    public DateTime Now
    {
        get
        {
            var now = Time.GetUtcNow().UtcDateTime;
            return new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        }
    }

    public IReadOnlyCollection<IInformer> Informers
    {
        get
        {
            lock (_gate)
            {
                return [.. _informers.Values];
            }
        }
    }

    /// <summary>The shared informer of a kind. All are asked for before the cluster starts.</summary>
    public Informer<T> Informer<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            if (!_informers.TryGetValue(typeof(T), out var informer))
            {
                _informers[typeof(T)] = informer = NewInformer<T>(ResourceType.Of<T>());
            }

            return (Informer<T>)informer;
        }
    }

    public Informer<T> NewInformer<T>(ResourceType type)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(Api, type, null, Time, Loggers.CreateLogger($"DyLoraMoe.Sandbox.Controllers.{type.Plural}"), new Random(HashCode.Combine(type.Plural)));

    public async Task<T> CreateAsync<T>(T item, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Informer<T>().Observe(await Api.CreateAsync(item, cancellation));

    public async Task<T> UpdateAsync<T>(T item, string? subresource, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Informer<T>().Observe(await Api.UpdateAsync(item, subresource, cancellation));

    /// <summary>Writes the status when it differs from the one that was read.</summary>
    public async Task<T> UpdateStatusAsync<T>(T item, object? before, object? after, CancellationToken cancellation)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Same(before, after) ? item : await UpdateAsync(item, "status", cancellation);

    public async Task DeleteAsync<T>(T item, CancellationToken cancellation, string? propagation = null, long? graceSeconds = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (await Api.DeleteAsync(item, propagation, graceSeconds, cancellation) is { } lingering)
        {
            Informer<T>().Observe(lingering);
        }
    }

    /// <summary>Whether two parts of objects read the same in JSON.</summary>
    public static bool Same(object? one, object? other) => Text(one) == Text(other);

    /// <summary>A copy that shares nothing with what an informer holds.</summary>
    public static T Copy<T>(T item) => KubernetesJson.Deserialize<T>(KubernetesJson.Serialize(item!));

    private static string Text(object? part) => part is null ? "{}" : KubernetesJson.Serialize(part);
}
