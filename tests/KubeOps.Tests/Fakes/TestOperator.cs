using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using KubeOps.Operator;
using KubeOps.Operator.Retry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KubeOps.Tests.Fakes;

/// <summary>A host with an operator that watches a fake server.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private readonly IHost _host;

    private TestOperator(IHost host) => _host = host;

    public Visits Visits => _host.Services.GetRequiredService<Visits>();

    public IServiceProvider Services => _host.Services;

    public IKubernetesClient Client => _host.Services.GetRequiredService<IKubernetesClient>();

    /// <summary>Starts an operator; with the controller of things unless told otherwise.</summary>
    public static async Task<TestOperator> StartAsync(
        FakeApiServer server,
        Action<OperatorSettingsBuilder>? settings = null,
        Action<IOperatorBuilder>? parts = null,
        Action<Visits>? visits = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddSingleton(server.Configuration);
        builder.Services.AddSingleton(new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200)));
        var record = new Visits();
        visits?.Invoke(record);
        builder.Services.AddSingleton(record);
        var @operator = builder.Services.AddKubernetesOperator(options =>
        {
            options.Name = "test-operator";
            options.ParallelReconciliation.ErrorBackoffBase = TimeSpan.FromMilliseconds(20);
            settings?.Invoke(options);
        });
        (parts ?? (add => add.AddController<ThingController, Thing>()))(@operator);
        var host = builder.Build();
        await host.StartAsync();
        return new TestOperator(host);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await _host.StopAsync(soon.Token);
        _host.Dispose();
    }
}
