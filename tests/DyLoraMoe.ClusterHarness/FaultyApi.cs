using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.ClusterHarness;

/// <summary>
/// An API server that is not to be relied on: passes calls on to the real one and does to them what <see cref="Faults"/> say. It also counts, so that a test can
/// tell how many calls something took.
/// </summary>
internal sealed partial class FaultyApi : IAsyncDisposable
{
    private static readonly string[] _notCopied = ["Transfer-Encoding", "Connection", "Host", "Authorization"];
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(2);

    private readonly WebApplication _server;
    private readonly HttpClient _upstream;
    private readonly Random _random;
    private readonly ConcurrentDictionary<string, string> _versions = new(StringComparer.Ordinal);
    private CancellationTokenSource _life = new();
    private int _writes;
    private int _changes;
    private int _reads;

    private FaultyApi(WebApplication server, HttpClient upstream, int seed)
    {
        (_server, _upstream, _random) = (server, upstream, new Random(seed));
        _server.Run(HandleAsync);
    }

    /// <summary>Changes what goes wrong, at once. A server that goes down takes along whatever it was at, open watches too.</summary>
    public Faults Faults
    {
        get;
        set
        {
            field = value;
            if (value.IsDown)
            {
                Interlocked.Exchange(ref _life, new()).Cancel();
            }
        }
    } = Faults.None;

    /// <summary>Calls that change something and came through.</summary>
    public int Writes => _writes;

    /// <summary>Gets and lists that came through.</summary>
    public int Reads => _reads;

    /// <summary>Of every path and method, how often.</summary>
    public ConcurrentDictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    public static async Task<FaultyApi> StartAsync(string kubeconfig, string kubeconfigHere, int seed = 1)
    {
        var config = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort.Next();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        var api = new FaultyApi(builder.Build(), Upstream(config), seed);
        await api._server.StartAsync();
        await File.WriteAllTextAsync(kubeconfigHere, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: faulty, cluster: {server: "http://127.0.0.1:{{port}}"} }]
            users: [{name: faulty, user: {token: not-looked-at} }]
            contexts: [{name: faulty, context: {cluster: faulty, user: faulty, namespace: default} }]
            current-context: faulty
            """);
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        Faults = Faults.None with { IsDown = true };
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(hurry.Token);
        await _server.DisposeAsync();
        _upstream.Dispose();
        _life.Dispose();
    }

    private static HttpClient Upstream(KubernetesClientConfiguration config)
    {
        var handler = new HttpClientHandler();
        if (config.SslCaCerts is { } authorities)
        {
            handler.ServerCertificateCustomValidationCallback = (sender, server, chain, errors) =>
                Kubernetes.CertificateValidationCallBack(sender, authorities, server!, chain!, errors);
        }

        if (config is { ClientCertificateData: { } certificate, ClientCertificateKeyData: { } key })
        {
            static string Text(string data) => Encoding.UTF8.GetString(Convert.FromBase64String(data));
            handler.ClientCertificates.Add(X509Certificate2.CreateFromPem(Text(certificate), Text(key)));
        }

        var client = new HttpClient(handler, disposeHandler: true) { BaseAddress = new Uri(config.Host), Timeout = Timeout.InfiniteTimeSpan };
        if (config.AccessToken is { Length: > 0 } token)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    private async Task HandleAsync(HttpContext context)
    {
        // In this order: who comes while the server goes down sees that, or ends with it.
        var life = _life.Token;
        var faults = Faults;
        var request = context.Request;
        var isWatch = request.Query["watch"] == "true" || request.Query["watch"] == "1";
        var isWrite = request.Method != HttpMethods.Get;
        if (faults.IsDown)
        {
            context.Abort();
            return;
        }

        var failure = faults.FailedPercent > 0 && Draw(100) < faults.FailedPercent ? (Failure)Draw(Enum.GetValues<Failure>().Length) : (Failure?)null;
        if (failure is { } found and not Failure.AnswerLost)
        {
            await FailAsync(context, found);
            return;
        }

        var number = isWrite ? Interlocked.Increment(ref _writes) : 0;
        var name = $"{request.Method} {request.Path}";
        if (isWrite && faults.BeforeWrite is { } before)
        {
            await before(number, name);
        }

        if (!isWrite && !isWatch)
        {
            Interlocked.Increment(ref _reads);
        }

        Calls.AddOrUpdate(name, 1, (_, count) => count + 1);
        try
        {
            await ForwardAsync(context, isWatch ? faults.WatchLife : null, faults.ClockSkew, CameThroughAsync, life);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or HttpRequestException)
        {
            context.Abort();
        }

        async Task CameThroughAsync(HttpResponseMessage answer)
        {
            if (isWrite && faults.AfterChange is { } after && await IsChangeAsync(request.Path.Value!, answer))
            {
                await after(Interlocked.Increment(ref _changes), name);
            }

            if (failure is Failure.AnswerLost)
            {
                throw new IOException("The answer is lost.");
            }
        }
    }

    private async Task ForwardAsync(HttpContext context, TimeSpan? longest, TimeSpan skew, Func<HttpResponseMessage, Task> beforeAnswer, CancellationToken life)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life);
        if (longest is { } limit)
        {
            end.CancelAfter(limit);
        }

        using var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString.Value);
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            message.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => !_notCopied.Contains(header.Key) && !header.Key.StartsWith(':')))
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        using var answer = await _upstream.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, end.Token);
        await beforeAnswer(answer);
        context.Response.StatusCode = (int)answer.StatusCode;
        // Times that are moved may be longer or shorter.
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !_notCopied.Contains(header.Key) && (skew == TimeSpan.Zero || header.Key != "Content-Length")))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        // A watch has begun when its head is there, which may be long before its first event.
        await context.Response.Body.FlushAsync(end.Token);
        await using var body = await answer.Content.ReadAsStreamAsync(end.Token);
        if (skew != TimeSpan.Zero)
        {
            // An answer is one line; a watch is a line for every event.
            using var reader = new StreamReader(body);
            while (await reader.ReadLineAsync(end.Token) is { } line)
            {
                await context.Response.WriteAsync(Skewed(line, skew) + "\n", end.Token);
                await context.Response.Body.FlushAsync(end.Token);
            }

            return;
        }

        var buffer = new byte[16 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, end.Token)) > 0;)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), end.Token);
            await context.Response.Body.FlushAsync(end.Token);
        }
    }

    // Whoever applies what is there already gets the object as it was.
    private async Task<bool> IsChangeAsync(string path, HttpResponseMessage answer)
    {
        await answer.Content.LoadIntoBufferAsync();
        var version = ResourceVersion().Match(await answer.Content.ReadAsStringAsync()).Groups[1].Value;
        var item = path.EndsWith("/status", StringComparison.Ordinal) ? path[..^"/status".Length] : path;
        var isAsBefore = version.Length > 0 && _versions.TryGetValue(item, out var before) && before == version;
        _versions[item] = version;
        return answer.IsSuccessStatusCode && !isAsBefore;
    }

    /// <summary>The times that a server sets by its own clock, moved.</summary>
    private static string Skewed(string json, TimeSpan skew) => ServerTimes().Replace(
        json,
        match => $"{match.Groups[1].Value}{DateTimeOffset.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture).Add(skew).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\"");

    [GeneratedRegex(@"""resourceVersion"":\s*""(\d+)""")]
    private static partial Regex ResourceVersion();

    [GeneratedRegex(@"(""(?:creationTimestamp|deletionTimestamp|startTime|completionTime|startedAt|finishedAt)"":\s*"")([^""]+)""")]
    private static partial Regex ServerTimes();

    private static async Task FailAsync(HttpContext context, Failure failure)
    {
        if (failure is Failure.CallLost)
        {
            // No answer: the caller's own time-out, or the end of the connection, whichever comes first.
            await Task.Delay(_silence, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            context.Abort();
            return;
        }

        var code = failure switch
        {
            Failure.Conflict => StatusCodes.Status409Conflict,
            Failure.TooManyRequests => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status500InternalServerError,
        };
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        if (code == StatusCodes.Status429TooManyRequests)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"injected","reason":"{{{failure}}}","code": {{{code}}} }"""));
    }

    /// <summary>Ways in which a call fails; the first three are the reasons that a server gives.</summary>
    private enum Failure
    {
        Conflict,
        TooManyRequests,
        InternalError,

        /// <summary>It does not come through.</summary>
        CallLost,

        /// <summary>It comes through, and its answer does not.</summary>
        AnswerLost,
    }

    private int Draw(int limit)
    {
        lock (_random)
        {
            return _random.Next(limit);
        }
    }
}
