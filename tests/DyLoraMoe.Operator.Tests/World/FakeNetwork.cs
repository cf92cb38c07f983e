using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>Pods that answer to <c>GET /metrics</c>, by their addresses. Whoever is not known cannot be reached.</summary>
internal sealed class FakeNetwork : HttpMessageHandler
{
    private readonly Dictionary<string, Func<HttpContent>> _pods = [];

    /// <summary>The addresses that were asked.</summary>
    public ConcurrentBag<string> Asked { get; } = [];

    /// <summary>A pod that answers with a body of any kind.</summary>
    public void Answer(string address, Func<HttpContent> content) => _pods[address] = content;

    public void Answer(string address, string page) => Answer(address, () => new StringContent(page));

    /// <summary>As a router's page that tells of some prompts.</summary>
    public void Answer(string address, int prompts, params IEnumerable<(string Expert, double Share)> shares) => Answer(address, Page(prompts, shares));

    public void Silence(string address) => _pods.Remove(address);

    public static string Page(int prompts, params IEnumerable<(string Expert, double Share)> shares) => string.Join(
        '\n',
        [
            "# TYPE dylora_router_prompt_seconds histogram",
            "dylora_router_prompt_seconds_bucket{le=\"0.001\"} 7",
            "dylora_router_prompt_seconds_sum 1.5",
            string.Create(CultureInfo.InvariantCulture, $"dylora_router_prompt_seconds_count {prompts}"),
            "# TYPE dylora_router_expert_share gauge",
            .. shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"dylora_router_expert_share{{expert=\"{share.Expert}\"}} {share.Share}")),
            "dylora_router_experts 2",
            "",
        ]);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Asked.Add(request.RequestUri!.Host);
        Assert.Equal(("/metrics", 8080), (request.RequestUri.AbsolutePath, request.RequestUri.Port));
        return _pods.TryGetValue(request.RequestUri.Host, out var content)
            ? new(HttpStatusCode.OK) { Content = content() }
            : throw new HttpRequestException("No route to host.");
    }
}
