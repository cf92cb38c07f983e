using System.Diagnostics.Metrics;
using System.Net;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.Cluster;

/// <summary>When a cache counts as what there is.</summary>
public sealed class FreshnessTests
{
    private static readonly TimeSpan _moment = TimeSpan.FromMilliseconds(100);

    private readonly ManualClock _clock = new();
    private readonly Freshness _freshness;

    public FreshnessTests() => _freshness = new(_clock);

    [Fact]
    public void Nothing_is_current_before_the_first_list()
    {
        Assert.False(_freshness.IsCurrent);
        _freshness.Listed();
        Assert.True(_freshness.IsCurrent);
    }

    [Fact]
    public void An_open_watch_keeps_it_current_however_long_it_is_quiet()
    {
        Open();

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.True(_freshness.IsCurrent);
    }

    [Fact]
    public void A_watch_that_ends_and_is_open_again_at_once_holds_nobody_up()
    {
        Open();
        for (var second = 0; second < 20; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _freshness.Ended();
            Assert.True(_freshness.IsCurrent);
            _clock.Advance(_moment);
            Assert.True(_freshness.IsCurrent);
            _freshness.Opened();
            Assert.True(_freshness.IsCurrent);
        }
    }

    [Fact]
    public void After_an_outage_it_is_current_again_only_when_the_watch_has_told_what_was_missed()
    {
        Open();
        _clock.Advance(TimeSpan.FromMinutes(1));
        _freshness.Ended();
        _clock.Advance(Freshness.Grace + _moment);
        Assert.False(_freshness.IsCurrent);

        _freshness.Opened();
        Assert.False(_freshness.IsCurrent);
        _clock.Advance(Freshness.CatchUp);
        Assert.True(_freshness.IsCurrent);
    }

    [Fact]
    public void Watches_that_are_cut_as_soon_as_they_are_open_do_not_make_it_current()
    {
        Open();
        _clock.Advance(TimeSpan.FromMinutes(1));
        _freshness.Ended();
        for (var tries = 0; tries < 5; tries++)
        {
            _clock.Advance(Freshness.Grace + _moment);
            _freshness.Opened();
            _freshness.Ended();
            Assert.False(_freshness.IsCurrent);
        }
    }

    [Fact]
    public async Task A_cache_is_not_current_while_the_server_is_away_and_is_once_its_watch_is_open_again()
    {
        var clock = new HastyClock();
        var current = new List<bool>();
        var asked = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        Reflector<V1Service>? reflector = null;
        using var client = new WiredClient(request =>
        {
            // A list and a watch; nothing for a while; a list and a watch.
            current.Add(reflector!.IsCurrent);
            if (++asked is > 2 and < 12)
            {
                return new(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("") };
            }

            if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                return new() { Content = new StringContent("""{"metadata": {"resourceVersion": "7"}, "items": []}""") };
            }

            return Lasting(TimeSpan.FromMinutes(5), then: () =>
            {
                if (asked > 2)
                {
                    current.Add(reflector.IsCurrent);
                    stop.Cancel();
                }
            });
        });
        reflector = new(new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance), new(), null, null, found => found, new(1), clock, NullLogger.Instance);
        Assert.False(reflector.IsCurrent);

        await reflector.RunAsync(stop.Token);

        // Before anything; listed; the watch has just been cut; the server is away, to the end; it is open again.
        Assert.Equal((false, true, true, false, true), (current[0], current[1], current[2], current[10], current[^1]));

        HttpResponseMessage Lasting(TimeSpan time, Action? then = null) => new()
        {
            Content = new StreamContent(new CutStream(() =>
            {
                clock.Advance(time);
                then?.Invoke();
            })),
        };
    }

    [Fact]
    public async Task Where_no_watch_gets_through_lists_keep_it_current()
    {
        var clock = new HastyClock();
        var current = new List<bool>();
        var lists = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        Reflector<V1Service>? reflector = null;
        using var client = new WiredClient(request =>
        {
            if (request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                // Cut before anything came, not even the answer's head.
                clock.Advance(TimeSpan.FromSeconds(1));
                current.Add(reflector!.IsCurrent);
                throw new HttpRequestException("cut");
            }

            if (++lists == 20)
            {
                stop.Cancel();
            }

            return new() { Content = new StringContent("""{"metadata": {"resourceVersion": "7"}, "items": []}""") };
        });
        reflector = new(new KubernetesRest(client.Kubernetes, metrics, NullLogger<KubernetesRest>.Instance), new(), null, null, found => found, new(1), clock, NullLogger.Instance);

        await reflector.RunAsync(stop.Token);

        Assert.InRange(current.Count, 20, 25);
        Assert.All(current, Assert.True);
    }

    private void Open()
    {
        _freshness.Listed();
        _freshness.Opened();
        _clock.Advance(Freshness.CatchUp);
    }
}
