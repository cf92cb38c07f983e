using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Router.Tests;

/// <summary>The whole server in this process, on a free port of this machine.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server over the sample; returns before it is ready.</summary>
    public static async Task<TestServer> StartAsync(SampleSet sample, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions { Set = sample.SetFile, Store = sample.Store, Backbone = sample.Backbone, Port = 0, Threads = 1, DrainDelay = TimeSpan.Zero };
        var app = Server.Create(change?.Invoke(options) ?? options, logging => logging.ClearProviders());
        await app.StartAsync();
        return new TestServer(app);
    }

    /// <summary>Waits until <c>/readyz</c> says a word.</summary>
    public async Task<JsonElement> UntilAsync(string status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var response = await Client.GetAsync("/readyz", limit.Token);
            var body = await BodyOf(response);
            if (body.GetProperty("status").GetString() == status)
            {
                return body;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    public async Task<JsonElement> GetAsync(string path) => await BodyOf(await Client.GetAsync(path));

    /// <summary>Posts a body that must be answered well.</summary>
    public async Task<JsonElement> AskAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await BodyOf(response);
    }

    /// <summary>Posts a body; the chunks of the stream that comes back, the last of which must be <c>[DONE]</c>.</summary>
    public async Task<IReadOnlyList<JsonElement>> StreamAsync(string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var lines = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        return [.. lines[..^1].Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }

    public Task<HttpResponseMessage> PostTextAsync(string path, string text) =>
        Client.PostAsync(path, new StringContent(text, Encoding.UTF8, "application/json"));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public static async Task<JsonElement> BodyOf(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
}
