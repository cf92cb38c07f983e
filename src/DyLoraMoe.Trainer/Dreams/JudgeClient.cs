using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Trainer.Dreams;

/// <summary>Asks a model behind an OpenAI-compatible address, again where that may help. The key goes to that address and nowhere else: no redirect is followed.</summary>
internal sealed class JudgeClient : IDisposable
{
    private const int MostShown = 300;

    private readonly JudgeOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <summary>A client; connections are made as they are needed.</summary>
    public JudgeClient(JudgeOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = options.Timeout, MaxResponseContentBufferSize = options.MostBytes };
        if (options.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Asks.</summary>
    /// <param name="task">The system's message.</param>
    /// <param name="question">The user's message.</param>
    /// <param name="stop">Stops between and during tries.</param>
    /// <returns>The text of the answer.</returns>
    /// <exception cref="JudgeException">There is none.</exception>
    public async Task<string> AskAsync(string task, string question, CancellationToken stop)
    {
        var delay = _options.FirstDelay;
        for (var tries = 1; ; tries++)
        {
            var (answer, problem, wait) = await TryAsync(task, question, stop).ConfigureAwait(false);
            if (answer is not null)
            {
                return answer;
            }

            if (wait is null || tries > _options.Retries)
            {
                throw new JudgeException($"The judge at {_options.Endpoint} {problem}{(tries > 1 ? $", {tries} times" : "")}.");
            }

            var asked = wait.Value > delay ? wait.Value : delay;
            await Task.Delay(asked < _options.LongestDelay ? asked : _options.LongestDelay, _time, stop).ConfigureAwait(false);
            delay *= 2;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // An answer, or what is wrong with how long the judge asks to be left alone; no wait at all when another try would fail alike.
    private async Task<(string? Answer, string Problem, TimeSpan? Wait)> TryAsync(string task, string question, CancellationToken stop)
    {
        try
        {
            using var content = new StringContent(RequestOf(task, question), Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(_options.Endpoint, content, stop).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? await ReadAsync(response, stop).ConfigureAwait(false)
                : MayPass(response.StatusCode) ? (null, $"answers {(int)response.StatusCode}", response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero)
                : (null, $"answers {(int)response.StatusCode}{await AdviceAsync(response, stop).ConfigureAwait(false)}", null);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return (null, $"answers with more than {_options.MostBytes} bytes", null);
        }
        catch (HttpRequestException error)
        {
            return (null, $"cannot be reached: {error.Message}", TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"does not answer within {_options.Timeout.TotalSeconds:0.#} seconds", TimeSpan.Zero);
        }
    }

    private static async Task<(string? Answer, string Problem, TimeSpan? Wait)> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false), cancellationToken: stop).ConfigureAwait(false);
            return (document.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() ?? "", "", null);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            return (null, "answers with something else than a chat completion", null);
        }
    }

    private static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private async Task<string> AdviceAsync(HttpResponseMessage response, CancellationToken stop) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $": is the key in {JudgeInput.KeyVariable} the right one?",
        HttpStatusCode.NotFound => ": is the address what chat/completions is below, and the model there?",
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => $": {Shown(await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false))}",
        _ => "",
    };

    private string Shown(string text)
    {
        var shown = _options.Key is { Length: > 0 } key ? text.Replace(key, "(key)", StringComparison.Ordinal) : text;
        return shown.Length <= MostShown ? shown : shown[..MostShown] + "...";
    }

    private string RequestOf(string task, string question) => JsonSerializer.Serialize(new
    {
        model = _options.Model,
        messages = new[] { new { role = "system", content = task }, new { role = "user", content = question } },
        temperature = 0,
        max_tokens = _options.MostTokens,
    });
}

/// <summary>A judge that does not judge.</summary>
/// <param name="message">Where, and what is wrong.</param>
internal sealed class JudgeException(string message) : Exception(message);
