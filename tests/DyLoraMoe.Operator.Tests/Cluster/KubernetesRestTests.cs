using System.Diagnostics.Metrics;
using System.Net;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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

    [Fact]
    public async Task What_cannot_be_made_since_its_namespace_goes_is_told_apart()
    {
        var going = await Assert.ThrowsAsync<ClusterException>(() => DeleteAsync(
            HttpStatusCode.Forbidden,
            """{"message": "unable to create new content", "details": {"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace"}]}}"""));
        var forbidden = await Assert.ThrowsAsync<ClusterException>(() => DeleteAsync(HttpStatusCode.Forbidden));

        Assert.Equal((true, false), (going.IsNamespaceLeaving, forbidden.IsNamespaceLeaving));
    }

    [Fact]
    public async Task A_request_is_known_without_what_it_asks_for_and_other_maps_with_it()
    {
        var found = await OverAsync(
            """
            {"kind": "ConfigMapList", "metadata": {"resourceVersion": "7"}, "items": [
                {"metadata": {"name": "request", "labels": {"dylora.dev/job-kind": "Train"}}, "data": {"request.json": "long"}},
                {"metadata": {"name": "other"}, "data": {"key": "value"}}]}
            """,
            rest => rest.ListAsync<V1ConfigMap>("team", null, TestContext.Current.CancellationToken));

        Assert.Equal("7", found.ResourceVersion);
        Assert.Null(found.Items[0].Data);
        Assert.Equal("value", found.Items[1].Data["key"]);
    }

    [Fact]
    public async Task A_list_is_cut_down_page_by_page_and_ConfigMaps_come_in_small_pages()
    {
        var order = new List<string>();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(request =>
        {
            var isLast = request.RequestUri!.Query.Contains("continue=more", StringComparison.Ordinal);
            order.Add(request.RequestUri.Query.Split('&')[0]);
            return new HttpResponseMessage
            {
                Content = new StringContent(isLast
                    ? """{"metadata": {"resourceVersion": "7"}, "items": [{"metadata": {"name": "second"}}]}"""
                    : """{"metadata": {"resourceVersion": "7", "continue": "more"}, "items": [{"metadata": {"name": "first"}}]}"""),
            };
        });
        var rest = new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance);

        var (maps, _) = await rest.ListAsync<V1ConfigMap>("team", null, TestContext.Current.CancellationToken, Trim);
        await rest.ListAsync<V1Job>("team", null, TestContext.Current.CancellationToken);

        Assert.Equal(["?limit=25", "first", "?limit=25", "second", "?limit=500", "?limit=500"], order);
        Assert.Equal(["first", "second"], maps.Select(map => map.Metadata.Name));

        V1ConfigMap Trim(V1ConfigMap map)
        {
            order.Add(map.Metadata.Name);
            return map;
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public async Task A_watch_tells_event_by_event_however_long_they_are(string between)
    {
        var value = new string('x', 3_000_000);
        string[] events =
        [
            """{"type": "ADDED", "object": {"metadata": {"name": "long"}, "data": {"key": "VALUE"}}}""".Replace("VALUE", value, StringComparison.Ordinal),
            """{"type": "DELETED", "object": {"metadata": {"name": "short"}}}""",
            "",
        ];

        var found = await OverAsync(string.Join(between, events), async rest =>
        {
            var told = new List<(string Type, V1ConfigMap Map)>();
            await foreach (var each in rest.WatchAsync<V1ConfigMap>("team", null, "1", TimeSpan.FromMinutes(1), () => { }, TestContext.Current.CancellationToken))
            {
                told.Add(each);
            }

            return told;
        });

        Assert.Equal(["ADDED long", "DELETED short"], found.Select(each => $"{each.Type} {each.Map.Metadata.Name}"));
        Assert.Equal(value, found[0].Map.Data["key"]);
    }

    [Fact]
    public async Task An_answer_that_is_no_JSON_is_a_failed_call()
    {
        var error = await Assert.ThrowsAsync<ClusterException>(() => OverAsync("<html>", rest => rest.GetAsync<V1Job>("team", "job", TestContext.Current.CancellationToken)));

        Assert.Contains("get jobs", error.Message, StringComparison.Ordinal);
    }

    private static async Task<T> OverAsync<T>(string answer, Func<KubernetesRest, Task<T>> call)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer) });
        return await call(new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance));
    }

    private static async Task DeleteAsync(HttpStatusCode code, string body = """{"message": "no"}""")
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(_ => new HttpResponseMessage(code) { Content = new StringContent(body) });

        await new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance).DeleteAsync<V1Job>("team", "job", "uid", TestContext.Current.CancellationToken);
    }
}
