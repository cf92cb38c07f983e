using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Demo.Serving;

/// <summary>Asks a router, as any client of its API would.</summary>
/// <param name="address">Where it is.</param>
/// <param name="backbone">What it serves.</param>
/// <param name="stop">Where an answer ends, besides where the model ends it; null for nowhere.</param>
internal sealed class RouterClient(Uri address, string backbone, string? stop) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>The model's name by which the router chooses.</summary>
    public string Routed => backbone;

    /// <summary>The model's name by which nothing but the backbone answers.</summary>
    public string Bare => $"{backbone}:@backbone";

    /// <summary>What a model goes on with after a prompt.</summary>
    /// <exception cref="HttpRequestException">The router does not answer, or with an error.</exception>
    public async Task<Answer> AskAsync(string model, string prompt, int tokens, CancellationToken cancellation)
    {
        var body = new { model, prompt, max_tokens = tokens, temperature = 0, stop };
        using var response = await _http.PostAsJsonAsync(new Uri("/v1/completions", UriKind.Relative), body, cancellation);
        response.EnsureSuccessStatusCode();
        return Answer.Read((await response.Content.ReadFromJsonAsync<JsonObject>(cancellation))!);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
