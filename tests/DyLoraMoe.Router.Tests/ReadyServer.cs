namespace DyLoraMoe.Router.Tests;

/// <summary>A server that serves the sample, shared by tests that leave it as it is.</summary>
public sealed class ReadyServer(SampleSet sample) : IAsyncLifetime
{
    private TestServer? _server;

    internal TestServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(sample, options => options with { MaxBody = 64 << 10 });
        await _server.UntilAsync("ready");
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(Name)]
public sealed class SharedServer : ICollectionFixture<ReadyServer>
{
    public const string Name = "a ready server";
}
