using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Artifacts.Tests.S3;

/// <summary>A store that is not to be relied on: passes calls on to the real one, whole or not at all, and does to them what a test decides.</summary>
internal sealed class FaultyStore : IAsyncDisposable
{
    private static readonly string[] _notCopied = ["Transfer-Encoding", "Connection"];

    private readonly WebApplication _server;
    private readonly HttpClient _upstream;
    private int _number;

    private FaultyStore(WebApplication server, Uri upstream)
    {
        _server = server;
        _upstream = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = upstream };
        _server.Run(HandleAsync);
    }

    /// <summary>What becomes of a call.</summary>
    public Func<StoreCall, Fault> Decide { get; set; } = _ => Fault.None;

    /// <summary>All calls, in order, those that failed too.</summary>
    public ConcurrentQueue<StoreCall> Calls { get; } = new();

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public static async Task<FaultyStore> StartAsync(Uri upstream, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        var store = new FaultyStore(builder.Build(), upstream);
        await store._server.StartAsync();
        var bound = new Uri(store._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        store.Address = new UriBuilder(certificate is null ? "http" : "https", certificate is null ? "127.0.0.1" : "localhost", bound.Port).Uri;
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        Decide = _ => Fault.Reset;
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(hurry.Token);
        await _server.DisposeAsync();
        _upstream.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var call = new StoreCall(Interlocked.Increment(ref _number), request.Method, request.Path.Value ?? "", request.QueryString.Value ?? "", request.Headers.Range.ToString());
        Calls.Enqueue(call);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var fault = Decide(call);
        if (fault == Fault.Reset)
        {
            context.Abort();
            return;
        }

        if (fault == Fault.Busy)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
            return;
        }

        if (fault == Fault.Denied)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await context.Response.WriteAsync("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
            return;
        }

        if (fault == Fault.Unknown)
        {
            context.Response.StatusCode = StatusCodes.Status501NotImplemented;
            await context.Response.WriteAsync("<Error><Code>NotImplemented</Code><Message>A header or query you provided is not implemented.</Message></Error>");
            return;
        }

        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        if (body.Length > 0 || request.Method is "PUT" or "POST")
        {
            message.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in request.Headers.Where(header => !_notCopied.Contains(header.Key) && header.Key != "Content-Length"))
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        using var answer = await _upstream.SendAsync(message, CancellationToken.None);
        if (fault == Fault.AnswerLost)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !_notCopied.Contains(header.Key)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        var content = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (fault == Fault.AnswerCut)
        {
            await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2), CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
            context.Abort();
            return;
        }

        if (request.Method != "HEAD" && content.Length > 0)
        {
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        }
    }
}

/// <summary>A call to a store.</summary>
internal sealed record StoreCall(int Number, string Method, string Path, string Query, string Range)
{
    public bool IsPart => Method == "PUT" && Query.Contains("partNumber", StringComparison.Ordinal);

    /// <summary>Asks which uploads were begun and not ended.</summary>
    public bool IsListOfUploads => Method == "GET" && Query.Contains("uploads", StringComparison.Ordinal);

    /// <summary>Asks which parts of an upload are there.</summary>
    public bool IsListOfParts => Method == "GET" && Query.Contains("uploadId", StringComparison.Ordinal);

    /// <summary>Gives up an upload.</summary>
    public bool IsAbort => Method == "DELETE" && Query.Contains("uploadId", StringComparison.Ordinal);

    public bool IsFetch => Method == "GET" && Path.Count(letter => letter == '/') > 2 && !Path.EndsWith(".json", StringComparison.Ordinal) && !Query.Contains("uploadId", StringComparison.Ordinal);
}

/// <summary>What goes wrong with a call.</summary>
internal enum Fault
{
    None,

    /// <summary>It does not get through.</summary>
    Reset,

    /// <summary>The store says that it cannot now.</summary>
    Busy,

    /// <summary>It gets through, and its answer does not.</summary>
    AnswerLost,

    /// <summary>Half of its answer gets through.</summary>
    AnswerCut,

    /// <summary>The store says that it is not allowed, which does not pass.</summary>
    Denied,

    /// <summary>The store says that it does not know the call, which does not pass either.</summary>
    Unknown,
}
