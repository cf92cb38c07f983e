using System.Diagnostics.Metrics;
using System.Net;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Operator.Tests.Cluster;

public sealed class KubernetesRestTests
{
    [Fact]
    public async Task What_is_gone_already_is_deleted() => await DeleteAsync(HttpStatusCode.NotFound);

    [Fact]
    public async Task A_conflict_is_no_deletion()
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => DeleteAsync(HttpStatusCode.Conflict));

        Assert.True(error.IsConflict);
    }

    private static async Task DeleteAsync(HttpStatusCode code)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(_ => new HttpResponseMessage(code) { Content = new StringContent("""{"message": "no"}""") });

        await new KubernetesRest(client.Kubernetes, metrics).DeleteAsync<V1Job>("team", "job", "uid", TestContext.Current.CancellationToken);
    }
}
