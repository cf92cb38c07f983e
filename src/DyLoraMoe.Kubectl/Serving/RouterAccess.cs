using System.CommandLine;
using System.Net.Http.Headers;
using DyLoraMoe.Kubectl.Cluster;
using k8s;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>The options that say which router is asked, and the way to it: every connection is a forwarded port of one of its pods.</summary>
internal sealed class RouterAccess
{
    /// <summary>Where an API key is taken from when none is given.</summary>
    public const string KeyVariable = "DYLORA_API_KEY";

    private readonly Option<string?> _backbone = new("--backbone") { Description = "The Backbone that is asked. [default: the only one]", HelpName = "NAME" };
    private readonly Option<string?> _key = new("--api-key") { Description = $"The router's API key. [default: ${KeyVariable}]", HelpName = "KEY" };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_backbone, _key];

    /// <summary>A client of a ready router pod.</summary>
    public async Task<RouterClient> ConnectAsync(ClusterClient cluster, ParseResult parsed, CancellationToken cancellation)
    {
        var backbone = (await cluster.BackboneAsync(parsed.GetValue(_backbone), cancellation).ConfigureAwait(false)).Metadata.Name;
        var way = new PodWay(
            async token => RouterPods.Choose(
                await cluster.BackboneAsync(backbone, token).ConfigureAwait(false), await cluster.RouterPodsAsync(backbone, token).ConfigureAwait(false)),
            async (pod, token) => new PortForwardStream(await cluster.Api.WebSocketNamespacedPodPortForwardAsync(
                pod.Metadata.Name, cluster.Namespace, [RouterPods.PortOf(pod)], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: token).ConfigureAwait(false)));
        await way.ChooseAsync(cancellation).ConfigureAwait(false);
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = async (_, token) => await way.OpenAsync(token).ConfigureAwait(false) };
        var http = new HttpClient(handler) { BaseAddress = new Uri($"http://{backbone}"), Timeout = Timeout.InfiniteTimeSpan };
        if ((parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } key)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return new RouterClient(http, backbone);
    }
}
