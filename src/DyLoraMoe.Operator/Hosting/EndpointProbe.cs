using System.Globalization;

namespace DyLoraMoe.Operator.Hosting;

/// <summary><c>dylora-operator probe URL [SECONDS]</c>: asks an address until it answers well, for images' health checks and for <c>helm test</c>.</summary>
internal static class EndpointProbe
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>0 when it answered with success, 1 when it did not in time, 2 when the question is wrong.</summary>
    /// <param name="address">An http or https address.</param>
    /// <param name="rest">How many seconds to go on asking; once only when it is left out.</param>
    /// <param name="clock">The time.</param>
    public static async Task<int> RunAsync(string address, string[] rest, TimeProvider clock)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || Seconds(rest) is not { } seconds)
        {
            await Console.Error.WriteLineAsync("usage: dylora-operator probe URL [SECONDS]");
            return 2;
        }

        using var http = new HttpClient { Timeout = _patience };
        var started = clock.GetTimestamp();
        while (true)
        {
            var found = await AskAsync(http, uri);
            if (found is null)
            {
                return 0;
            }

            if (clock.GetElapsedTime(started).TotalSeconds + _between.TotalSeconds > seconds)
            {
                await Console.Error.WriteLineAsync($"Expected success from {uri}, found: {found}");
                return 1;
            }

            await Task.Delay(_between, clock);
        }
    }

    private static int? Seconds(string[] rest) => rest switch
    {
        [] => 0,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) => seconds,
        _ => null,
    };

    // What went wrong, or null.
    private static async Task<string?> AskAsync(HttpClient http, Uri address)
    {
        try
        {
            using var answer = await http.GetAsync(address);
            return answer.IsSuccessStatusCode ? null : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return error.Message;
        }
    }
}
