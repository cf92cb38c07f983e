using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DyLoraMoe.Kubectl.CommandLine;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>Asks a router.</summary>
/// <param name="http">The way to it.</param>
/// <param name="backbone">The backbone that it serves.</param>
internal sealed class RouterClient(HttpClient http, string backbone) : IDisposable
{
    private const string Data = "data:";

    /// <summary>The backbone that it serves.</summary>
    public string Backbone { get; } = backbone;

    /// <summary>Where a prompt would go.</summary>
    public async Task<RouteReply> RouteAsync(string prompt, bool isChat, CancellationToken cancellation)
    {
        using var answer = await SendAsync<object>("/v1/route", isChat ? new { messages = new[] { new { role = "user", content = prompt } } } : new { prompt }, cancellation).ConfigureAwait(false);
        return await answer.Content.ReadFromJsonAsync<RouteReply>(Wire.Options, cancellation).ConfigureAwait(false) ?? throw new PluginException("The router's answer is empty.");
    }

    /// <summary>An answer, part by part as it comes.</summary>
    public async IAsyncEnumerable<AnswerPart> AnswerAsync(AnswerRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var answer = await SendAsync(request.Messages is null ? "/v1/completions" : "/v1/chat/completions", request, cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (!line.StartsWith(Data, StringComparison.Ordinal))
            {
                continue;
            }

            var data = line[Data.Length..].Trim();
            if (data == "[DONE]")
            {
                yield break;
            }

            var chunk = JsonSerializer.Deserialize<AnswerChunk>(data, Wire.Options) ?? new();
            if (chunk.Error is { } error)
            {
                throw new PluginException($"The router broke off: {error.Message}");
            }

            yield return new(string.Concat(chunk.Choices.Select(choice => choice.Delta?.Content ?? choice.Text)), chunk.Dylora);
        }

        throw new PluginException("The answer ended before its end: the router's pod may have gone. Ask again.");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync<T>(string path, T body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: Wire.Options) };
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (error.InnerException is IOException lost)
        {
            throw new PluginException(lost.Message);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new PluginException(await RefusedAsync(answer, cancellation).ConfigureAwait(false));
        }
    }

    private static async Task<string> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        string? said;
        try
        {
            said = JsonSerializer.Deserialize<RouterErrorBody>(text, Wire.Options)?.Error?.Message;
        }
        catch (JsonException)
        {
            said = null;
        }

        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? $"The router wants an API key: give it with --api-key or in ${RouterAccess.KeyVariable}. It says: {said}"
            : $"The router refused it ({(int)answer.StatusCode}): {said ?? answer.ReasonPhrase}";
    }
}
