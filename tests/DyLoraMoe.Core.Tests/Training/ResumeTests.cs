using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

[Collection(UsesDefaultGenerator.Name)]
public sealed class ResumeTests : IDisposable
{
    // Both phases, accumulation, dropout, evaluation and packing: all that has state.
    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 20,
        Rows = 2,
        Context = 24,
        Accumulation = 2,
        EvaluateEvery = 4,
        Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 3, MaxSteps = 8 },
        Consolidation = new ConsolidationOptions { Rate = 2e-3, FinalRate = 1e-4 },
        WeightDecay = 0.1,
    };

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(13)]
    public void An_expert_that_was_interrupted_ends_with_the_same_bits(int interruptedAt)
    {
        var straight = Expert(stopAt: null, settings: new RunSettings());

        var first = Expert(interruptedAt, Settings());
        manual_seed(12345);   // Another process would have another generator.
        var second = Expert(stopAt: null, Settings());

        Assert.Equal((TrainingOutcome.Interrupted, interruptedAt), (first.Report.Outcome, first.Report.Steps));
        Assert.Equal((TrainingOutcome.Completed, 20, interruptedAt), (second.Report.Outcome, second.Report.Steps, second.Report.ResumedFrom));
        AssertSame(straight.Weights, second.Weights);
        Assert.Equal(straight.Report.Curve.Select(point => (point.Step, point.ValidationLoss, point.Tokens)), second.Report.Curve.Select(point => (point.Step, point.ValidationLoss, point.Tokens)));
        Assert.Equal((straight.Report.BestStep, straight.Report.Samples, straight.Report.SeedingSteps), (second.Report.BestStep, second.Report.Samples, second.Report.SeedingSteps));
    }

    [Fact]
    public void A_model_that_was_interrupted_ends_with_the_same_bits()
    {
        var straight = Model(stopAt: null, new RunSettings());

        Model(stopAt: 10, Settings());
        var resumed = Model(stopAt: null, Settings());

        AssertSame(straight, resumed);
    }

    [Fact]
    public void A_kill_between_checkpoints_loses_only_the_steps_since_the_last()
    {
        var straight = Expert(stopAt: null, new RunSettings());

        // A listener that throws ends the run without its last checkpoint, as a kill would.
        var settings = Settings() with { CheckpointEverySteps = 4 };
        Assert.Throws<TimeoutException>(() => Expert(null, settings, new Watcher(report => _ = report.Step == 11 ? throw new TimeoutException() : 0)));
        var resumed = Expert(stopAt: null, settings);

        Assert.Equal(8, resumed.Report.ResumedFrom);
        AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void A_finished_run_that_starts_again_trains_no_further()
    {
        var settings = Settings() with { CheckpointEverySteps = 20 };
        var first = Expert(stopAt: null, settings);

        var again = Expert(stopAt: null, settings);

        Assert.Equal(20, again.Report.ResumedFrom);
        AssertSame(first.Weights, again.Weights);
    }

    [Fact]
    public void The_last_two_checkpoints_are_kept_and_all_can_be_removed()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, Data(), Options, Settings() with { CheckpointEverySteps = 3 });

        run.Run();

        Assert.Equal(["checkpoint-00000015", "checkpoint-00000018"], Checkpoints());
        run.RemoveCheckpoints();
        Assert.Empty(Checkpoints());
    }

    [Fact]
    public void A_checkpoint_is_due_when_its_time_has_passed()
    {
        var time = new StepTime(TimeSpan.FromSeconds(1));
        Expert(stopAt: null, Settings() with { Time = time, CheckpointEvery = TimeSpan.FromSeconds(15) });

        Assert.NotEmpty(Checkpoints());
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    [InlineData("manifest.json")]
    public void A_damaged_checkpoint_is_named_and_the_one_before_it_used(string file)
    {
        var straight = Expert(stopAt: null, new RunSettings());
        Expert(stopAt: 12, Settings() with { CheckpointEverySteps = 6 });
        Expert(stopAt: 14, Settings());
        var newest = Path.Combine(_folder.FullPath, Checkpoints()[^1]);
        Damage(Path.Combine(newest, file));
        var watcher = new Watcher();

        var resumed = Expert(stopAt: null, Settings(), watcher);

        Assert.Contains(newest, Assert.Single(watcher.Reports, report => report.Kind == ProgressKind.Warning).Message, StringComparison.Ordinal);
        Assert.Equal(12, resumed.Report.ResumedFrom);
        AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void When_every_checkpoint_is_damaged_the_run_starts_afresh_and_says_so()
    {
        var straight = Expert(stopAt: null, new RunSettings());
        Expert(stopAt: 12, Settings());
        File.Delete(Path.Combine(_folder.FullPath, Checkpoints()[^1], "weights.safetensors"));
        var watcher = new Watcher();

        var again = Expert(stopAt: null, Settings(), watcher);

        Assert.Null(again.Report.ResumedFrom);
        Assert.Contains(watcher.Reports, report => report.Kind == ProgressKind.Warning);
        AssertSame(straight.Weights, again.Weights);
    }

    [Fact]
    public void Damaged_checkpoints_do_not_take_the_place_of_those_that_come_after_them()
    {
        var straight = Expert(stopAt: null, new RunSettings());
        Expert(stopAt: 18, Settings() with { CheckpointEverySteps = 3 });
        foreach (var checkpoint in Checkpoints())
        {
            Damage(Path.Combine(_folder.FullPath, checkpoint, "weights.safetensors"));
        }

        Expert(stopAt: 4, Settings());
        var resumed = Expert(stopAt: null, Settings());

        Assert.Equal(4, resumed.Report.ResumedFrom);
        AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void A_checkpoint_half_written_is_no_checkpoint()
    {
        Expert(stopAt: 6, Settings());
        Directory.Move(Path.Combine(_folder.FullPath, Checkpoints()[^1]), _folder["writing-6"]);

        var again = Expert(stopAt: 7, Settings());

        Assert.Null(again.Report.ResumedFrom);
        Assert.False(Directory.Exists(_folder["writing-6"]));
    }

    [Fact]
    public void A_checkpoint_of_other_options_is_refused_by_the_value_that_differs()
    {
        Expert(stopAt: 5, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Expert(stopAt: null, Settings(), options: Options with { MaxSteps = 30 }));

        Assert.Contains("options.MaxSteps was 20, now 30", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_backbone_is_refused()
    {
        Expert(stopAt: 5, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Expert(stopAt: null, Settings(), modelSeed: 8));

        Assert.Contains("backbone weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_other_data_is_refused()
    {
        Expert(stopAt: 5, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Expert(stopAt: null, Settings(), data: TrainingData.OfSamples(TinyData.Shifted(41), TinyData.Shifted(8, seed: 2))));

        Assert.Contains("training data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_adapter_is_refused()
    {
        Expert(stopAt: 5, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Expert(stopAt: null, Settings(), lora: Lora with { Rank = 4 }));

        Assert.Contains("adapter.Rank was 8, now 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_of_an_interrupted_run_reads_like_that_of_a_straight_one()
    {
        var path = _folder["log.jsonl"];
        using (var log = new TrainingLog(path, TimeProvider.System))
        {
            var settings = Settings() with { CheckpointEverySteps = 4, LogEvery = 1, Progress = [log] };
            Assert.Throws<TimeoutException>(() => Expert(null, settings, new Watcher(report => _ = report.Step == 11 ? throw new TimeoutException() : 0)));
        }

        File.AppendAllText(path, """{"time":"2026-01-01T00:00:0""");   // The line that a crash cut short.
        using (var log = new TrainingLog(path, TimeProvider.System))
        {
            Expert(stopAt: null, Settings() with { LogEvery = 1, Progress = [log] });
        }

        var steps = File.ReadAllLines(path).Where(line => line.Contains("\"stepped\"", StringComparison.Ordinal))
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("progress").GetProperty("step").GetInt32());
        Assert.Equal(Enumerable.Range(1, 20), steps);
    }

    public void Dispose() => _folder.Dispose();

    private static LoraConfig Lora { get; } = new() { Mode = AdapterMode.Activated, Dropout = 0.2 };

    private static TrainingData Data() => TrainingData.OfSamples(TinyData.Shifted(40), TinyData.Shifted(8, seed: 2));

    private RunSettings Settings() => new() { CheckpointFolder = _folder.FullPath };

    private string[] Checkpoints() => [.. Directory.GetDirectories(_folder.FullPath, "checkpoint-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^(bytes.Length / 3)] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private static (TrainingReport Report, Tensor[] Weights) Expert(
        int? stopAt, RunSettings settings, Watcher? watcher = null, TrainingOptions? options = null, TrainingData? data = null, LoraConfig? lora = null, long modelSeed = 7)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        settings = settings with { LogEvery = 1, Progress = watcher is null ? [.. settings.Progress, stopper] : [.. settings.Progress, stopper, watcher] };
        using var model = TinyModels.Create(TinyModels.Config(), modelSeed);
        using var adapter = LoraAdapter.Create(model, lora ?? Lora, seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, data ?? Data(), options ?? Options, settings);
        return (run.Run(stop.Token), [.. adapter.Parameters.Select(parameter => parameter.detach().clone())]);
    }

    private static Tensor[] Model(int? stopAt, RunSettings settings)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, device: TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        using var run = TrainingRun.OfModel(model, TrainingData.OfStream(TinyData.Stream(500), TinyData.Stream(60, seed: 2)), Options, settings with { LogEvery = 1, Progress = [stopper] });
        run.Run(stop.Token);
        return [.. model.parameters().Select(parameter => parameter.detach().clone())];
    }

    private static void AssertSame(Tensor[] expected, Tensor[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(expected[i].HasBitsOf(actual[i]), $"weight {i} differs by {expected[i].DistanceTo(actual[i])}");
        }
    }

    private sealed class StepTime(TimeSpan step) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += step.Ticks;
    }
}
