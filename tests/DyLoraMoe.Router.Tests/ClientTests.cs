using System.Diagnostics;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests;

/// <summary>Clients that others wrote. They come from a registry, so <c>make clients</c> runs them and <c>make test</c> does not.</summary>
public sealed class ClientTests(SampleSet sample)
{
    [Theory(Explicit = true)]
    [InlineData("openai.mjs")]
    [InlineData("page.mjs")]
    public async Task They_find_all_well(string script)
    {
        var file = sample.Write("library-clients.json", sample.WithMap());
        await using var server = await TestServer.StartAsync(sample, options => options with { Set = file });
        await server.UntilAsync("ready");
        var start = new ProcessStartInfo("node", [script, server.Client.BaseAddress!.ToString()])
        {
            WorkingDirectory = Path.Combine(SharedFiles.RepositoryRoot, "tests", "clients"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(output.EndsWith("all well\n", StringComparison.Ordinal), output + await errors);
    }
}
