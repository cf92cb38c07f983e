using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.ClusterHarness;

/// <summary>
/// Requests to a router at a steady rate, whether or not the earlier ones have been answered: half of them streamed, all with connections that are kept,
/// as clients in a cluster have them. An answer counts only when it is complete to its last byte.
/// </summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private const int KeptFaults = 20;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private readonly LoadOptions _options;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<double> _seconds = new();
    private readonly ConcurrentQueue<double> _firstSeconds = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly Task _running;
    private int _sent;
    private int _open;
    private int _answered;
    private int _cancelled;
    private int _failed;

    private RequestLoad(Uri address, LoadOptions options)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = _limit };
        _options = options;
        _running = RunAsync();
    }

    /// <summary>What came of it so far.</summary>
    public LoadReport Report => new(_sent, _answered, _cancelled, _failed, _open, [.. _faults], [.. _seconds.Order()], [.. _firstSeconds.Order()]);

    public static RequestLoad Start(Uri address, LoadOptions options) => new(address, options);

    /// <summary>Asks for nothing more, and waits for the answers that are still to come.</summary>
    public async Task<LoadReport> StopAsync()
    {
        await _end.CancelAsync();
        await _running;
        return Report;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / _options.PerSecond));
        var open = new List<Task>();
        while (!_end.IsCancellationRequested)
        {
            open.RemoveAll(request => request.IsCompleted);
            open.Add(AskAsync(_sent++));
            try
            {
                await timer.WaitForNextTickAsync(_end.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(open);
    }

    private async Task AskAsync(int index)
    {
        Interlocked.Increment(ref _open);
        var clock = TimeProvider.System.GetTimestamp();
        using var patience = new CancellationTokenSource();
        var isCancelled = _options.CancelEvery > 0 && index % _options.CancelEvery == _options.CancelEvery - 1;
        if (isCancelled)
        {
            patience.CancelAfter(TimeSpan.FromMilliseconds(20 + (index * 37 % 400)));
        }

        try
        {
            var isStreamed = index % 2 == 0;
            using var answer = await SendAsync(index, isStreamed, patience.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidDataException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(patience.Token)}");
            }

            await (isStreamed ? ReadStreamAsync(answer, clock, patience.Token) : ReadAsync(answer, patience.Token));
            _seconds.Enqueue(TimeProvider.System.GetElapsedTime(clock).TotalSeconds);
            Interlocked.Increment(ref _answered);
        }
        catch (OperationCanceledException) when (isCancelled && patience.IsCancellationRequested)
        {
            Interlocked.Increment(ref _cancelled);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or InvalidDataException or System.Text.Json.JsonException)
        {
            if (Interlocked.Increment(ref _failed) <= KeptFaults)
            {
                _faults.Enqueue($"{TimeProvider.System.GetLocalNow():HH:mm:ss} request {index}: {error.Message} {error.InnerException?.Message}");
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private Task<HttpResponseMessage> SendAsync(int index, bool isStreamed, CancellationToken cancellation)
    {
        var body = new JsonObject
        {
            ["model"] = _options.Models[index % _options.Models.Count],
            ["prompt"] = _options.Prompt(index),
            ["max_tokens"] = _options.Tokens,
            ["temperature"] = index % 3 == 0 ? 0.8 : 0,
            ["seed"] = index,
            ["stream"] = isStreamed,
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private static async Task ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var document = await answer.Content.ReadFromJsonAsync<JsonObject>(cancellation);
        if (document?["choices"]?[0]?["finish_reason"] is null || document["usage"]?["completion_tokens"] is null)
        {
            throw new InvalidDataException($"Expected an answer with finish_reason and usage, found {document?.ToJsonString()}.");
        }
    }

    private async Task ReadStreamAsync(HttpResponseMessage answer, long clock, CancellationToken cancellation)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        var (isFirst, isFinished, last) = (true, false, "");
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
            {
                continue;
            }

            last = line["data: ".Length..];
            if (isFirst)
            {
                _firstSeconds.Enqueue(TimeProvider.System.GetElapsedTime(clock).TotalSeconds);
                isFirst = false;
            }

            isFinished |= last.StartsWith('{') && JsonNode.Parse(last)?["choices"] is JsonArray { Count: > 0 } choices && choices[0]!["finish_reason"] is not null;
        }

        if (!isFinished || last != "[DONE]")
        {
            throw new InvalidDataException($"A stream was cut: its last event is '{last}'.");
        }
    }
}

/// <summary>What to ask for.</summary>
internal sealed record LoadOptions
{
    /// <summary>Requests a second.</summary>
    public double PerSecond { get; init; } = 20;

    /// <summary>Most tokens of an answer.</summary>
    public int Tokens { get; init; } = 16;

    /// <summary>One request of so many is given up by its client before it is answered; 0 for none.</summary>
    public int CancelEvery { get; init; }

    /// <summary>Models that are asked for in turn.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["tiny"];

    /// <summary>The prompt of a request.</summary>
    public Func<int, string> Prompt { get; init; } = index => string.Create(CultureInfo.InvariantCulture, $"{(char)('a' + (index % 26))}{index % 97} ->");
}

/// <summary>What came of requests.</summary>
/// <param name="Sent">How many were sent.</param>
/// <param name="Answered">How many were answered to the last byte.</param>
/// <param name="Cancelled">How many their clients gave up.</param>
/// <param name="Failed">How many failed or were cut.</param>
/// <param name="Open">How many are still to be answered.</param>
/// <param name="Faults">What happened to the first that failed.</param>
/// <param name="Seconds">How long answers took, in seconds, shortest first.</param>
/// <param name="FirstSeconds">How long the first event of a stream took, in seconds, shortest first.</param>
internal sealed record LoadReport(int Sent, int Answered, int Cancelled, int Failed, int Open, IReadOnlyList<string> Faults, IReadOnlyList<double> Seconds, IReadOnlyList<double> FirstSeconds)
{
    /// <summary>The value below which a share of sorted values lies.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, double share) => sorted.Count == 0 ? 0 : sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)];
}
