using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>Pods that answer to <c>GET /metrics</c> and <c>POST /v1/novelty</c>, by their addresses. Whoever is not known cannot be reached.</summary>
internal sealed class FakeNetwork : HttpMessageHandler
{
    private readonly Dictionary<string, Func<HttpContent>> _pods = [];
    private readonly Dictionary<string, Func<JsonNode, JsonNode>> _novelty = [];

    /// <summary>The addresses that were asked.</summary>
    public ConcurrentBag<string> Asked { get; } = [];

    /// <summary>A pod that answers with a body of any kind.</summary>
    public void Answer(string address, Func<HttpContent> content) => _pods[address] = content;

    public void Answer(string address, string page) => Answer(address, () => new StringContent(page));

    /// <summary>As a router's page that tells of some prompts.</summary>
    public void Answer(string address, int prompts, params IEnumerable<(string Expert, double Share)> shares) => Answer(address, Page(prompts, shares));

    /// <summary>What a pod answers to the question for new kinds of prompts.</summary>
    public void AnswerNovelty(string address, Func<JsonNode, JsonNode> answer) => _novelty[address] = answer;

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
        Assert.Equal(8080, request.RequestUri.Port);
        if (request.Method == HttpMethod.Post)
        {
            Assert.Equal("/v1/novelty", request.RequestUri.AbsolutePath);
            return new(HttpStatusCode.OK) { Content = new StringContent(_novelty[request.RequestUri.Host](JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!).ToJsonString()) };
        }

        Assert.Equal("/metrics", request.RequestUri.AbsolutePath);
        return _pods.TryGetValue(request.RequestUri.Host, out var content)
            ? new(HttpStatusCode.OK) { Content = content() }
            : throw new HttpRequestException("No route to host.");
    }
}
