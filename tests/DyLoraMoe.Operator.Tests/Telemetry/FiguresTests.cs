using System.Diagnostics.Metrics;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Operator.Tests.Telemetry;

/// <summary>What a scrape sees of counters before anything happened, and of Backbones that share a name.</summary>
public sealed class FiguresTests : IDisposable
{
    // Meters are seen by all of a process, so names here are no other test's.
    private const string Blue = "figures-blue";
    private const string Red = "figures-red";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusPage _page = new();
    private readonly OperatorMetrics _metrics;

    public FiguresTests() => _metrics = new(_services.GetRequiredService<IMeterFactory>());

    [Theory]
    [InlineData("dylora_refusals_total")]
    [InlineData("dylora_skills_learned_total")]
    [InlineData("dylora_gpu_seconds_spent_total")]
    [InlineData("dylora_gpu_seconds_saved_total")]
    public async Task Counters_of_a_backbone_begin_at_zero_when_it_is_first_seen(string counter)
    {
        using var world = new OperatorWorld { JobsEnd = false };
        world.Server.Create(new Backbone
        {
            Metadata = new() { Name = "tiny", NamespaceProperty = Blue },
            Spec = new() { Source = new() { Builtin = "dylora-tiny" }, Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts" } } },
        });

        await world.SettleAsync(looksAgain: false);

        Assert.Contains($$"""{{counter}}{backbone_namespace="{{Blue}}",backbone="tiny"} 0""", Lines());
    }

    [Fact]
    public async Task A_skill_is_learnt_once_for_every_state_of_its_data()
    {
        using var world = new OperatorWorld();
        var learned = 0L;
        using var listener = Listen(world, "dylora_skills_learned_total", count => learned += count);
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        Assert.Equal(1, learned);

        world.Learn("reverse", change: spec => spec.Data = new() { ConfigMapRef = new() { Name = "missing" } });
        await world.SettleAsync();
        Assert.False(world.Skill("reverse").Status.Conditions.IsTrue(ConditionTypes.Ready));
        world.Restart();
        world.Learn("reverse");
        await world.SettleAsync();
        Assert.True(world.Skill("reverse").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal(1, learned);

        world.Learn("reverse", "more");
        await world.SettleAsync();
        Assert.Equal(2, learned);
    }

    [Fact]
    public async Task Every_kind_of_job_that_trains_counts_its_seconds_on_gpus()
    {
        using var world = new OperatorWorld();
        var spent = 0L;
        using var listener = Listen(world, "dylora_gpu_seconds_spent_total", seconds => spent += seconds);
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        Assert.Equal(7, spent);

        world.Sleep();
        await world.SettleAsync();
        Assert.Equal(7 + 3, spent);

        world.Grow();
        await world.SettleAsync();
        world.Grow(name: "diverging");
        await world.SettleAsync();
        Assert.Equal(7 + 3 + 11 + 11, spent);
    }

    [Fact]
    public void Counters_of_jobs_and_visits_are_there_before_there_is_any()
    {
        _metrics.Begin();

        var lines = Lines();
        Assert.All(Enum.GetNames<JobKind>(), kind => Assert.Contains(lines, line => line.StartsWith($$"""dylora_jobs_finished_total{job_kind="{{kind}}",outcome="Failed"} """, StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("""dylora_reconciles_total{kind="Growth",outcome="Failed"} """, StringComparison.Ordinal));
    }

    [Fact]
    public void Backbones_of_one_name_in_two_namespaces_are_told_apart()
    {
        using var world = new OperatorWorld();
        foreach (var ns in new[] { Blue, Red, Red })
        {
            world.Server.Create(new Skill { Metadata = new() { Name = $"skill-{world.Server.Version}", NamespaceProperty = ns }, Spec = new() { BackboneRef = new() { Name = "tiny" } } });
        }

        new WorldGauges(world.Cluster, _metrics).Register();
        _metrics.RecordRefusal(new(Red, "tiny"));

        var lines = Lines();
        Assert.Contains($$"""dylora_skills{backbone_namespace="{{Blue}}",backbone="tiny",ready="Unknown"} 1""", lines);
        Assert.Contains($$"""dylora_skills{backbone_namespace="{{Red}}",backbone="tiny",ready="Unknown"} 2""", lines);
        Assert.Contains($$"""dylora_refusals_total{backbone_namespace="{{Red}}",backbone="tiny"} 1""", lines);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _page.Dispose();
        _services.Dispose();
    }

    private static MeterListener Listen(OperatorWorld world, string counter, Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == counter && instrument.Meter.Scope == world.Meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, number, _, _) => add(number));
        listener.Start();
        return listener;
    }

    private string[] Lines() => _page.Write().Split('\n');
}
