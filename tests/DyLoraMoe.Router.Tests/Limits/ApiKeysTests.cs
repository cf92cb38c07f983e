using System.Net;
using System.Net.Http.Headers;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Router.Tests.Limits;

public sealed class ApiKeysTests(SampleSet sample)
{
    [Fact]
    public async Task Only_those_with_a_key_may_ask_but_everybody_may_look_at_health()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["keys"], "# who may ask\nanna secret-of-anna\nlonely-key\n", TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(sample, options => options with { ApiKeys = folder["keys"] });
        await server.UntilAsync("ready");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "secret-of-bert"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "anna"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "secret-of-anna"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "lonely-key"));
        using var metrics = await server.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        Assert.Contains("dylora_router_api_keys 2\n", await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_key_ends_the_start()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["keys"], "\n# nobody\n");

        var error = Assert.Throws<InvalidDataException>(() => Server.Create(new ServerOptions { Set = "s", Store = "s", Backbone = "b", ApiKeys = folder["keys"] }));

        Assert.Contains("holds no key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_a_mounted_Secret_are_rotated_without_a_restart()
    {
        // A Secret's files are links through one folder, which is all that the kubelet exchanges.
        using var folder = new TemporaryFolder();
        var (time, first, second) = (new Clock(), Directory.CreateDirectory(folder["..1"]), Directory.CreateDirectory(folder["..2"]));
        File.WriteAllText(Path.Combine(first.FullName, "keys"), "anna old-secret");
        File.WriteAllText(Path.Combine(second.FullName, "keys"), "anna new-secret");
        Directory.CreateSymbolicLink(folder["..data"], "..1");
        File.CreateSymbolicLink(folder["keys"], Path.Combine("..data", "keys"));
        var keys = new ApiKeys(folder["keys"], time, NullLogger<ApiKeys>.Instance);
        keys.Begin();
        Assert.Equal("anna", keys.NameOf("old-secret"));

        Directory.Delete(folder["..data"]);
        Directory.CreateSymbolicLink(folder["..data"], "..2");
        time.Now += TimeSpan.FromSeconds(6).Ticks;

        Assert.Null(keys.NameOf("old-secret"));
        Assert.Equal("anna", keys.NameOf("new-secret"));
    }

    [Fact]
    public void A_file_that_is_emptied_takes_every_key_and_one_that_is_filled_again_gives_them_back()
    {
        using var folder = new TemporaryFolder();
        var (time, log) = (new Clock(), new Lines());
        File.WriteAllText(folder["keys"], "anna secret-of-anna\nbert secret-of-bert\n");
        var keys = new ApiKeys(folder["keys"], time, log);
        keys.Begin();
        Assert.Equal(2, keys.Count);

        File.WriteAllText(folder["keys"], "# nobody\n");
        time.Now += TimeSpan.FromSeconds(6).Ticks;
        Assert.Null(keys.NameOf("secret-of-anna"));
        Assert.Equal(0, keys.Count);
        Assert.Contains("nobody may ask", Assert.Single(log.Written), StringComparison.Ordinal);

        File.WriteAllText(folder["keys"], "bert secret-of-bert\n");
        time.Now += TimeSpan.FromSeconds(6).Ticks;
        Assert.Null(keys.NameOf("secret-of-anna"));
        Assert.Equal("bert", keys.NameOf("secret-of-bert"));
    }

    [Fact]
    public void A_file_that_cannot_be_read_leaves_the_keys_as_they_are_and_the_log_says_so_once_and_when_it_is_over()
    {
        using var folder = new TemporaryFolder();
        var (time, log) = (new Clock(), new Lines());
        File.WriteAllText(folder["keys"], "anna secret-of-anna\n");
        var keys = new ApiKeys(folder["keys"], time, log);
        keys.Begin();

        File.Move(folder["keys"], folder["gone"]);
        for (var look = 0; look < 3; look++)
        {
            time.Now += TimeSpan.FromSeconds(6).Ticks;
            Assert.Equal("anna", keys.NameOf("secret-of-anna"));
        }

        Assert.Contains("cannot be read", Assert.Single(log.Written), StringComparison.Ordinal);
        File.Move(folder["gone"], folder["keys"]);
        time.Now += TimeSpan.FromSeconds(6).Ticks;
        Assert.Equal("anna", keys.NameOf("secret-of-anna"));
        Assert.Equal(2, log.Written.Count);
        Assert.Contains("can be read again: 1 API keys", log.Written[1], StringComparison.Ordinal);
        Assert.All(log.Written, line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }

    private sealed class Lines : ILogger<ApiKeys>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Warning, logLevel);
            Written.Add(formatter(state, exception));
        }
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
