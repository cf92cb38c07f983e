using System.Collections.Concurrent;
using System.Text;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>Asks every router that is ready which share of its prompts each expert had. What they answer is not trusted: it is short, soon there and numbers, or nothing.</summary>
internal sealed partial class TrafficReader(ICluster cluster, TrafficShares shares, HttpMessageHandler network, ILogger<TrafficReader> logger) : IDisposable
{
    private const int AtOnce = 8;
    private const int MostBytes = 1 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(network) { Timeout = _patience, MaxResponseContentBufferSize = MostBytes };

    /// <summary>A network that goes to the pods themselves and nowhere else.</summary>
    public static HttpMessageHandler Network() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };

    /// <summary>Asks all of them once.</summary>
    /// <returns>The experts whose status says something else by now.</returns>
    public async Task<IReadOnlyList<LoraExpert>> ReadAsync(CancellationToken cancellationToken)
    {
        var told = new ConcurrentBag<(ObjectKey Backbone, RouterTraffic Traffic)>();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(cluster.ListAll<V1Pod>().Where(IsServing), limits, async (pod, token) =>
        {
            if (await AskAsync(pod, token) is { } traffic)
            {
                told.Add((BackboneOf(pod), traffic));
            }
        });
        shares.Take(cluster.ListAll<Backbone>().Select(backbone => ObjectKey.Of(backbone)), told.ToLookup(each => each.Backbone, each => each.Traffic));
        return [.. cluster.ListAll<LoraExpert>().Where(expert => shares.Next(expert, expert.Status) != expert.Status.TrafficSharePercent)];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsServing(V1Pod pod) =>
        pod.Tag(Labels.Component) == RouterTemplate.Component
        && pod.Tag(Labels.Backbone) is not null
        && pod.Metadata.DeletionTimestamp is null
        && pod.Status is { PodIP.Length: > 0 } status
        && status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    private static ObjectKey BackboneOf(V1Pod pod) => new(pod.Metadata.NamespaceProperty, pod.Tag(Labels.Backbone)!);

    private async Task<RouterTraffic?> AskAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            var page = new UriBuilder(Uri.UriSchemeHttp, pod.Status.PodIP, RouterTemplate.Port, "metrics").Uri;
            return RouterTraffic.Parse(Encoding.UTF8.GetString(await _http.GetByteArrayAsync(page, cancellationToken)));
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whether a pod serves is told by others; the next round asks again.
            NotTold(logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, error.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Router {Namespace}/{Pod} did not tell of its traffic: {Error}")]
    private static partial void NotTold(ILogger logger, string @namespace, string pod, string error);
}
