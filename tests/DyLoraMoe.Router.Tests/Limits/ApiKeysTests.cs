using System.Net;
using System.Net.Http.Headers;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Testing;

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
        var keys = new ApiKeys(folder["keys"], time);
        keys.Read();
        Assert.Equal("anna", keys.NameOf("old-secret"));

        Directory.Delete(folder["..data"]);
        Directory.CreateSymbolicLink(folder["..data"], "..2");
        time.Now += TimeSpan.FromSeconds(6).Ticks;

        Assert.Null(keys.NameOf("old-secret"));
        Assert.Equal("anna", keys.NameOf("new-secret"));
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
