using System.Net;
using System.Text;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Serving;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Tests.Serving;

public sealed class RouterClientTests
{
    [Fact]
    public async Task A_key_that_is_missing_is_asked_for_and_an_error_told()
    {
        Assert.Contains("--api-key or in $DYLORA_API_KEY. It says: The API key is missing.", await RefusedAsync(HttpStatusCode.Unauthorized, """{"error":{"message":"The API key is missing.","code":"invalid_api_key"}}"""), StringComparison.Ordinal);
        Assert.Equal("The router refused it (429): The queue is full.", await RefusedAsync(HttpStatusCode.TooManyRequests, """{"error":{"message":"The queue is full."}}"""));
        Assert.Equal("The router refused it (502): Bad Gateway", await RefusedAsync(HttpStatusCode.BadGateway, "<html>"));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_no_answer()
    {
        using var client = Client(HttpStatusCode.OK, "data: {\"choices\":[{\"delta\":{\"content\":\"on\"}}]}\n\n");
        List<string> parts = [];

        var error = await Assert.ThrowsAsync<PluginException>(async () =>
        {
            await foreach (var part in client.AnswerAsync(new("tiny", true) { Messages = [new("user", "x")] }, TestContext.Current.CancellationToken))
            {
                parts.Add(part.Text);
            }
        });

        Assert.Equal(["on"], parts);
        Assert.Contains("ended before its end", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ready_pod_of_the_active_revision_is_asked()
    {
        var pods = new[] { Pod("old", 'a', isReady: true), Pod("new", 'b', isReady: true), Pod("starting", 'b', isReady: false) };

        Assert.Equal("new", RouterPods.Choose(Objects.Backbone(), pods).Metadata.Name);
        Assert.Equal("old", RouterPods.Choose(Objects.Backbone(), pods[..1]).Metadata.Name);
        Assert.Equal(9000, RouterPods.PortOf(pods[0]));
        Assert.Contains("there is 1 pod, and none is ready", Assert.Throws<PluginException>(() => RouterPods.Choose(Objects.Backbone(), pods[2..])).Message, StringComparison.Ordinal);
    }

    private static V1Pod Pod(string name, char revision, bool isReady) => new()
    {
        Metadata = new() { Name = name, Annotations = new Dictionary<string, string> { ["dylora.dev/revision"] = Objects.Revision(revision) } },
        Spec = new() { Containers = [new() { Name = "router", Ports = [new() { Name = "http", ContainerPort = 9000 }] }] },
        Status = new() { Conditions = [new() { Type = "Ready", Status = isReady ? "True" : "False" }] },
    };

    private static async Task<string> RefusedAsync(HttpStatusCode code, string body)
    {
        using var client = Client(code, body);
        return (await Assert.ThrowsAsync<PluginException>(() => client.RouteAsync("x", isChat: false, TestContext.Current.CancellationToken))).Message;
    }

    private static RouterClient Client(HttpStatusCode code, string body) => new(new HttpClient(new Answer(code, body)) { BaseAddress = new Uri("http://pod") }, "tiny");

    private sealed class Answer(HttpStatusCode code, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8) });
    }
}
