using System.Diagnostics.Metrics;
using System.Net;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.Cluster;

public sealed class ReflectorTests
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

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

        Assert.Equal(clock.Pauses.Order(), clock.Pauses);
        Assert.Equal(_longest, clock.Pauses[^1]);
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

        Assert.Equal(clock.Pauses.Order(), clock.Pauses);
        Assert.Equal(_longest, clock.Pauses[^1]);
    }

    private static async Task RunAsync(HastyClock clock, int watches, Func<HttpResponseMessage> watch)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        using var client = new WiredClient(request =>
        {
            if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                return new HttpResponseMessage { Content = new StringContent("""{"metadata": {"resourceVersion": "7"}, "items": []}""") };
            }

            if (--watches == 0)
            {
                stop.Cancel();
            }

            return watch();
        });
        var reflector = new Reflector<V1Service>(new KubernetesRest(client.Kubernetes, metrics), new(), null, null, found => found, new(1), clock, NullLogger.Instance);

        await reflector.RunAsync(stop.Token);
    }

    /// <summary>Every pause is over at once, and is remembered.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _now;

        public List<TimeSpan> Pauses { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            Advance(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>A connection that breaks.</summary>
    private sealed class CutStream(Action before) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            before();
            throw new IOException("The connection was reset.");
        }
    }
}
