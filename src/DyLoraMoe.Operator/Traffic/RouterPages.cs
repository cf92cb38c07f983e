using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>Asks routers' pods, one by one. What they answer is not trusted: it is short and soon there, or nothing.</summary>
internal sealed partial class RouterPages(HttpMessageHandler network, ILogger<RouterPages> logger) : IDisposable
{
    private const int MostBytes = 1 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(network) { Timeout = _patience, MaxResponseContentBufferSize = MostBytes };

    /// <summary>A network that goes to the pods themselves and nowhere else, and keeps no connection: a router waits for those before it ends.</summary>
    public static HttpMessageHandler Network() =>
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero };

    /// <summary>The pods that serve a backbone at this moment.</summary>
    public static IEnumerable<V1Pod> Serving(ICluster cluster) => cluster.ListAll<V1Pod>().Where(IsServing);

    /// <summary>The backbone that a pod serves.</summary>
    public static ObjectKey BackboneOf(V1Pod pod) => new(pod.Metadata.NamespaceProperty, pod.Tag(Labels.Backbone)!);

    /// <summary>What a router answers; null when it does not, and the next round asks again.</summary>
    /// <param name="pod">The router's pod.</param>
    /// <param name="path">What to ask for.</param>
    /// <param name="body">Sent with a POST; a GET without it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> AskAsync(V1Pod pod, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        try
        {
            var address = new UriBuilder(Uri.UriSchemeHttp, pod.Status.PodIP, RouterTemplate.Port, path).Uri;
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, address) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await _http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            return Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            TooLong(logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, path, MostBytes);
            return null;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whether a pod serves is told by others.
            NotTold(logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, path, error.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsServing(V1Pod pod) =>
        pod.Tag(Labels.Component) == RouterTemplate.Component
        && pod.Tag(Labels.Backbone) is not null
        && pod.Metadata.DeletionTimestamp is null
        && pod.Status is { PodIP.Length: > 0 } status
        && status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Router {Namespace}/{Pod} answered to {Path} with more than {Bytes} bytes, which are not read")]
    private static partial void TooLong(ILogger logger, string @namespace, string pod, string path, int bytes);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Router {Namespace}/{Pod} did not answer to {Path}: {Error}")]
    private static partial void NotTold(ILogger logger, string @namespace, string pod, string path, string error);
}
