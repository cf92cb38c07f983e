using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Trainer.Tests.Dreams;

/// <summary>A judge on this machine that answers as a test decides.</summary>
internal sealed class JudgeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private JudgeServer(WebApplication app)
    {
        _app = app;
        _app.Run(HandleAsync);
    }

    /// <summary>What is answered to a call, by its number from 1 and the dream's answer: a status with a body.</summary>
    public Func<int, string, (int Status, string Body)> Decide { get; set; } = (_, _) => (200, Completion("1"));

    /// <summary>Sent with every answer that is not a success, in seconds.</summary>
    public string RetryAfter { get; set; } = "0";

    /// <summary>Where calls are held until they are given up; null to answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What was asked, each as it came.</summary>
    public ConcurrentQueue<(string Path, string? Authorization, JsonObject Body)> Asked { get; } = new();

    public string Address => _app.Urls.First() + "/v1";

    public static async Task<JudgeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new JudgeServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    /// <summary>A chat completion with a text.</summary>
    public static string Completion(string text) => JsonSerializer.Serialize(new { choices = new[] { new { message = new { role = "assistant", content = text } } } });

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
        Asked.Enqueue((context.Request.Path, context.Request.Headers.Authorization, body));
        if (IsSilent)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        var question = JsonNode.Parse(body["messages"]![1]!["content"]!.ToString())!;
        (context.Response.StatusCode, var answer) = Decide(Interlocked.Increment(ref _calls), question["answer"]!.ToString());
        context.Response.Headers.RetryAfter = context.Response.StatusCode >= 400 ? RetryAfter : null;
        context.Response.Headers.Location = context.Response.StatusCode is >= 300 and < 400 ? Address : null;
        await context.Response.WriteAsync(answer);
    }
}
