using System.Diagnostics.Metrics;
using System.Net;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.Cluster;

public sealed class ReflectorTests
{
    // Visits wait for it when the server is back.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_watch_that_is_cut_every_second_is_opened_again_at_once()
    {
        var clock = new HastyClock();

        await RunAsync(clock, watches: 20, () => new HttpResponseMessage { Content = new StreamContent(new CutStream(() => clock.Advance(TimeSpan.FromSeconds(1)))) });

        Assert.All(clock.Pauses, pause => Assert.True(pause < TimeSpan.FromSeconds(0.5), $"Blind for {pause}."));
    }

    [Fact]
    public async Task A_watch_that_is_cut_as_soon_as_it_is_open_is_left_alone_longer_and_longer()
    {
        var clock = new HastyClock();

        await RunAsync(clock, watches: 20, () => new HttpResponseMessage { Content = new StreamContent(new CutStream(() => { })) });

        IsLeftAloneLongerAndLonger(clock);
    }

    [Fact]
    public async Task A_server_that_gives_no_watch_is_left_alone_longer_and_longer()
    {
        var clock = new HastyClock();

        await RunAsync(clock, watches: 20, () =>
        {
            // A server that is slow to refuse is no better.
            clock.Advance(TimeSpan.FromSeconds(1));
            return new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("") };
        });

        IsLeftAloneLongerAndLonger(clock);
    }

    [Fact]
    public async Task A_server_that_forgets_again_and_again_is_listed_less_and_less_often()
    {
        var clock = new HastyClock();

        await RunAsync(clock, watches: 20, () => new(HttpStatusCode.Gone) { Content = new StringContent("") });

        IsLeftAloneLongerAndLonger(clock);
    }

    [Fact]
    public async Task A_watch_that_the_server_has_forgotten_once_is_opened_again_at_once()
    {
        var (clock, watches) = (new HastyClock(), 0);
        const string expired = """{"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}""" + "\n";

        await RunAsync(clock, watches: 20, () => new()
        {
            Content = ++watches % 2 == 0
                ? new StringContent(expired)
                : new StreamContent(new CutStream(() => clock.Advance(TimeSpan.FromMinutes(1)))),
        });

        Assert.All(clock.Pauses, pause => Assert.True(pause < TimeSpan.FromSeconds(0.5), $"Blind for {pause}."));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_was_put_back_is_listed_anew_and_believed(bool isInStream)
    {
        const string ahead = "Too large resource version: 900, current: 8";
        var (store, lists) = (new ObjectStore<V1ConfigMap>(), new List<string?>());
        var asked = 0;

        await RunAsync(
            new HastyClock(),
            watches: 6,
            () => ++asked <= 4
                ? isInStream
                    ? new() { Content = new StringContent($$$"""{"type": "ERROR", "object": {"code": 504, "message": "{{{ahead}}}"}}""" + "\n") }
                    : new(HttpStatusCode.GatewayTimeout) { Content = new StringContent($$"""{"message": "{{ahead}}"}""") }
                : Refuses(),
            store,
            () =>
            {
                lists.Add(store.Find("team", "even")?.Metadata.ResourceVersion);
                if (lists.Count == 1)
                {
                    return """{"metadata": {"resourceVersion": "900"}, "items": [""" + Even("even", 800) + ", " + Even("gone", 801) + "]}";
                }

                return """{"metadata": {"resourceVersion": "8"}, "items": [""" + Even("even", 7) + "]}";
            });

        // Its own list came after three answers; where no watch begins at all, more follow.
        Assert.Equal([null, "800"], lists.Take(2));
        Assert.Equal(["7"], store.All().Select(found => found.Metadata.ResourceVersion));
    }

    [Fact]
    public async Task An_object_that_cannot_be_cut_down_is_kept_as_it_came_and_the_rest_with_it()
    {
        var store = new ObjectStore<V1ConfigMap>();

        await RunAsync(new HastyClock(), 1, Refuses, store, TwoMaps, found => found.Metadata.Name == "odd" ? throw new ArgumentException("It is odd.") : Trimming.ConfigMap(found));

        Assert.True(store.HasSynced);
        Assert.Equal(["even", "odd"], store.List("team").Select(found => found.Metadata.Name));
        Assert.Equal("value", store.Find("team", "odd")!.Data["key"]);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_left_out_and_hides_no_other()
    {
        var store = new ObjectStore<V1Service>();
        var events = $"""
            {Event("MODIFIED", Odd("odd", 8))}
            {Event("ADDED", Even("later", 9))}
            {Event("ADDED", Even("passing", 10))}
            {Event("DELETED", Odd("passing", 11))}

            """;
        var list = "{\"metadata\": {\"resourceVersion\": \"7\"}, \"items\": [" + Odd("odd", 5) + ", " + Even("even", 6) + "]}";

        await RunAsync(new HastyClock(), 2, () => new HttpResponseMessage { Content = new StringContent(events) }, store, () => list);

        Assert.True(store.HasSynced);
        Assert.Equal(["even", "later"], store.List("team").Select(found => found.Metadata.Name));
    }

    [Fact]
    public async Task A_list_that_was_not_taken_in_is_asked_for_again()
    {
        var (store, lists) = (new ObjectStore<V1ConfigMap>(), 0);
        store.Changed += (_, _) =>
        {
            if (lists == 1)
            {
                throw new InvalidOperationException("The first is not listened to.");
            }
        };

        await RunAsync(new HastyClock(), 1, Refuses, store, () => ++lists == 1 ? TwoMaps() : """{"metadata": {"resourceVersion": "8"}, "items": []}""");

        Assert.Equal((2, 0), (lists, store.Count));
    }

    private static void IsLeftAloneLongerAndLonger(HastyClock clock)
    {
        Assert.True(clock.Pauses[0] < TimeSpan.FromSeconds(0.2), $"First {clock.Pauses[0]}.");
        Assert.All(clock.Pauses, pause => Assert.True(pause <= _longest, $"Away for {pause}."));
        Assert.All(clock.Pauses.TakeLast(10), pause => Assert.True(pause >= _longest / 2, $"Back after {pause}."));
        Assert.True(clock.Pauses.TakeLast(10).Distinct().Count() > 1, "All kinds would come back at once.");
    }

    private static string TwoMaps() => """
        {"metadata": {"resourceVersion": "7"}, "items": [
            {"metadata": {"name": "odd", "namespace": "team", "resourceVersion": "5"}, "data": {"key": "value"}},
            {"metadata": {"name": "even", "namespace": "team", "resourceVersion": "6"}, "data": {"key": "value"}}]}
        """;

    private static string Even(string name, int version) => $$$"""{"metadata": {{{Metadata(name, version)}}}}""";

    private static string Odd(string name, int version) => $$$"""{"metadata": {{{Metadata(name, version)}}}, "spec": {"ports": "none"}}""";

    private static string Metadata(string name, int version) => $$"""{"name": "{{name}}", "namespace": "team", "resourceVersion": "{{version}}"}""";

    private static string Event(string type, string about) => $$$"""{"type": "{{{type}}}", "object": {{{about}}}}""";

    private static HttpResponseMessage Refuses() => new(HttpStatusCode.InternalServerError) { Content = new StringContent("") };

    private static Task RunAsync(HastyClock clock, int watches, Func<HttpResponseMessage> watch) =>
        RunAsync(clock, watches, watch, new ObjectStore<V1Service>(), () => """{"metadata": {"resourceVersion": "7"}, "items": []}""");

    private static async Task RunAsync<T>(HastyClock clock, int watches, Func<HttpResponseMessage> watch, ObjectStore<T> store, Func<string> list, Func<T, T>? trim = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(request =>
        {
            if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                return new HttpResponseMessage { Content = new StringContent(list()) };
            }

            if (--watches == 0)
            {
                stop.Cancel();
            }

            return watch();
        });
        var reflector = new Reflector<T>(new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance), store, null, null, trim ?? (found => found), new(1), clock, NullLogger.Instance);

        await reflector.RunAsync(stop.Token);
    }
}
