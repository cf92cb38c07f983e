using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Training;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

[Collection(UsesDefaultGenerator.Name)]
public sealed class InfiniteRunTests : IDisposable
{
    private static readonly TrainingOptions Training = new()
    {
        MaxSteps = 500,
        Rows = 8,
        Context = 12,
        Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 20, MaxSteps = 250, PlateauPatience = null },
        Consolidation = new ConsolidationOptions { Rate = 1e-2, FinalRate = 1e-4 },
        Loss = LossOn.Everything,
        KeepBest = false,
        EvaluateEvery = 100,
    };

    private static readonly InfiniteOptions Rank = new() { Axes = [new AxisOptions(UnitAxis.Rank)], ReviewEvery = 25 };

    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _backbone = TinyModels.Create(TinyModels.Config() with { HiddenSize = 24, Layers = 1 });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void An_expert_takes_the_rank_of_what_it_learns(int start)
    {
        var options = Training with
        {
            MaxSteps = 1000,
            Seeding = Training.Seeding with { Rate = 2e-2, MaxSteps = 500 },
            Consolidation = new ConsolidationOptions { Rate = 2e-2, FinalRate = 2e-4 },
        };
        using var teacher = Expert(3, seed: 5);
        using (no_grad())
        {
            using var generator = new Generator(5, CPU);
            foreach (var layer in teacher.Layers.Values)
            {
                layer.B.copy_(randn(layer.B.shape, generator: generator) * 0.7);
            }
        }

        using var run = InfiniteRun.OfExpert(_backbone, Expert(start, seed: 1), Data(), options, Rank, teacher: teacher);
        var report = run.Run();
        using var found = run.Adapter!;

        Assert.InRange(report.Sizes[UnitAxis.Rank], 3, 4);
        Assert.Equal(report.Sizes[UnitAxis.Rank], found.Config.Rank);
        Assert.All(found.Layers.Values, layer => Assert.Equal(1, layer.Scale));
        Assert.Equal(options.MaxSteps, report.Steps);
        Assert.True(report.TrainingLoss < 0.05, $"{report.TrainingLoss}");
        Assert.Equal(Enumerable.Range(0, 41).Select(review => review * 25), report.Trace.Select(point => point.Step));

        PeftFolder.Save(_folder["expert"], found);
        using var loaded = PeftFolder.Load(_folder["expert"], _backbone);
        Assert.Equal(found.Config.Rank, loaded.Config.Rank);
    }

    [Theory]
    [InlineData(UnitAxis.FeedForward)]
    [InlineData(UnitAxis.Depth)]
    [InlineData(UnitAxis.Heads)]
    public void A_trained_model_begins_as_it_is(UnitAxis axis)
    {
        using var original = TinyModels.Create();
        var expected = new LanguageModelEvaluator(original, new EvaluationOptions { WindowLength = Training.Context }).Evaluate(EvaluationSet.OfStream(TinyData.Stream(200, 2))).Loss;

        using var run = InfiniteRun.OfModel(
            TinyModels.Create(), TrainingData.OfStream(TinyData.Stream(2000), TinyData.Stream(200, 2)), Training with { MaxSteps = 1 }, new InfiniteOptions { Axes = [new AxisOptions(axis)] });
        var report = run.Run();
        using var found = run.Model!;

        var start = report.Trace[0].Axes[0];
        Assert.Equal(expected, report.BaselineLoss!.Value, 1e-5);
        Assert.Equal(original.Config.UnitsOf(axis) - 1, start.Boundary);
        Assert.True(start.Present >= original.Config.UnitsOf(axis));
    }

    [Fact]
    public void An_expert_that_writes_nothing_yet_begins_with_ranks_in_the_ramp()
    {
        var trained = Trained(Training with { MaxSteps = 1 }, null, new RunSettings(), start: 8);

        var start = trained.Report.Trace[0].Axes[0];
        Assert.Equal((6, 8), (start.Boundary, start.Present));
    }

    [Fact]
    public void More_units_than_the_usual_most_are_all_kept()
    {
        var still = Training with { MaxSteps = 2, Rows = 1, Seeding = Training.Seeding with { Rate = 1e-7 }, Consolidation = new ConsolidationOptions { Rate = 1e-7, FinalRate = 1e-7 } };
        var wide = TinyModels.Config() with { IntermediateSize = AxisOptions.UsualMost + 100 };
        using var run = InfiniteRun.OfModel(
            TinyModels.Create(wide),
            TrainingData.OfStream(TinyData.Stream(2000), TinyData.Stream(200, 2)),
            still,
            new InfiniteOptions { Axes = [new AxisOptions(UnitAxis.FeedForward)], Gravity = 0, Lasso = 0, Negligible = 0, ReviewEvery = 1 });
        var report = run.Run();
        using var found = run.Model!;

        Assert.Equal(wide.IntermediateSize, report.Sizes[UnitAxis.FeedForward]);
        Assert.Equal(report.BaselineLoss!.Value, report.FinalLoss!.Value, 1e-3);
    }

    [Theory]
    [InlineData(37)]
    [InlineData(60)]
    public void An_expert_that_was_interrupted_ends_with_the_same_bits(int interruptedAt)
    {
        var options = Training with { MaxSteps = 100, EvaluateEvery = 20 };
        var straight = Trained(options, stopAt: null, new RunSettings());

        var first = Trained(options, interruptedAt, Settings());
        manual_seed(12345);
        var second = Trained(options, stopAt: null, Settings());

        Assert.Equal((TrainingOutcome.Interrupted, interruptedAt), (first.Report.Outcome, first.Report.Steps));
        Assert.Equal((TrainingOutcome.Completed, 100, interruptedAt), (second.Report.Outcome, second.Report.Steps, second.Report.ResumedFrom!.Value));
        Assert.Equal(straight.Report.Sizes, second.Report.Sizes);
        Assert.Equal(straight.Weights, second.Weights);
        Assert.Equal(straight.Report.Curve.Select(point => point.ValidationLoss), second.Report.Curve.Select(point => point.ValidationLoss));
        Assert.Equal(straight.Report.Trace.SelectMany(point => point.Axes), second.Report.Trace.SelectMany(point => point.Axes));
    }

    [Fact]
    public void A_model_that_was_interrupted_ends_with_the_same_bits()
    {
        var straight = TrainedModel(stopAt: null, new RunSettings());

        var first = TrainedModel(stopAt: 23, Settings());
        var second = TrainedModel(stopAt: null, Settings());

        Assert.Equal(TrainingOutcome.Interrupted, first.Report.Outcome);
        Assert.Equal(23, second.Report.ResumedFrom);
        Assert.Equal(straight.Report.Sizes, second.Report.Sizes);
        Assert.Equal(straight.Weights, second.Weights);
        Assert.Contains(straight.Report.Trace, point => point.Axes[0].Present != 48);
    }

    [Fact]
    public void A_checkpoint_of_other_forces_is_refused()
    {
        Trained(Training with { MaxSteps = 100 }, stopAt: 10, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Trained(Training with { MaxSteps = 100 }, null, Settings(), Rank with { Gravity = 0.3 }));

        Assert.Contains("Gravity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_teacher_is_refused()
    {
        Trained(Training with { MaxSteps = 100 }, stopAt: 10, Settings());

        var error = Assert.Throws<CheckpointMismatchException>(() => Trained(Training with { MaxSteps = 100 }, null, Settings(), taught: 0.2));

        Assert.Contains("teacher", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_forces_a_size_stays()
    {
        var still = new InfiniteOptions
        {
            Axes = [new AxisOptions(UnitAxis.Rank) { Ramp = 1e-3, Least = 4, Most = 4 }],
            Gravity = 0,
            Lasso = 0,
            Negligible = 0,
        };

        var trained = Trained(Training with { MaxSteps = 60 }, null, new RunSettings(), still, start: 4);

        Assert.All(trained.Report.Trace, point => Assert.Equal((4, 4), (point.Axes[0].Present, trained.Report.Sizes[UnitAxis.Rank])));
    }

    [Fact]
    public void What_cannot_be_is_refused_with_the_reason()
    {
        Assert.Throws<ValidationException>(() => new InfiniteOptions { Axes = [] }.Validate());
        Assert.Throws<ValidationException>(() => new InfiniteOptions { Axes = [new AxisOptions(UnitAxis.Rank), new AxisOptions(UnitAxis.Rank)] }.Validate());
        Assert.Throws<ValidationException>(() => new InfiniteOptions { Axes = [new AxisOptions(UnitAxis.Rank) { Least = 5, Most = 4 }] }.Validate());
        using var expert = Expert(2, seed: 1);
        Assert.Contains("2 units at the start and at most 1", Assert.Throws<ValidationException>(() =>
            InfiniteRun.OfExpert(_backbone, expert, Data(), Training, Rank with { Axes = [new AxisOptions(UnitAxis.Rank) { Most = 1 }] })).Message, StringComparison.Ordinal);
        Assert.Contains("Drift", Assert.Throws<ArgumentException>(() =>
            InfiniteRun.OfExpert(_backbone, expert, Data(), Training with { Drift = new DriftBudget { MaxNats = 1 } }, Rank)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _backbone.Dispose();
        _folder.Dispose();
    }

    private LoraAdapter Expert(int rank, long seed) =>
        LoraAdapter.Create(_backbone, new LoraConfig { Rank = rank, Alpha = rank, Mode = AdapterMode.Full, TargetModules = ["v_proj", "up_proj"] }, seed);

    private static TrainingData Data() => TrainingData.OfStream(Tokens(4000, 1), Tokens(200, 2));

    private static int[] Tokens(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(64))];
    }

    private RunSettings Settings() => new() { CheckpointFolder = _folder["checkpoints"] };

    private (InfiniteReport Report, float[] Weights) Trained(TrainingOptions options, int? stopAt, RunSettings settings, InfiniteOptions? forces = null, int start = 2, double taught = 0.3)
    {
        using var teacher = Expert(3, seed: 5);
        using (no_grad())
        {
            teacher.Layers.Values.ToList().ForEach(layer => layer.B.fill_(taught));
        }

        using var stop = new CancellationTokenSource();
        using var run = InfiniteRun.OfExpert(_backbone, Expert(start, seed: 1), Data(), options, forces ?? Rank, Stopping(settings, stopAt, stop), teacher);
        var report = run.Run(stop.Token);
        using var found = run.Adapter!;
        return (report, [.. found.Parameters.SelectMany(parameter => parameter.detach().data<float>().ToArray())]);
    }

    private static (InfiniteReport Report, float[] Weights) TrainedModel(int? stopAt, RunSettings settings)
    {
        var forces = new InfiniteOptions { Axes = [new AxisOptions(UnitAxis.FeedForward), new AxisOptions(UnitAxis.Depth) { Least = 2, Most = 5 }], ReviewEvery = 10, Speed = 0.2, Gravity = 1 };
        using var stop = new CancellationTokenSource();
        using var run = InfiniteRun.OfModel(
            TinyModels.Create(), TrainingData.OfStream(TinyData.Stream(2000), TinyData.Stream(200, 2)), Training with { MaxSteps = 40, Rows = 2, EvaluateEvery = 10 }, forces, Stopping(settings, stopAt, stop));
        var report = run.Run(stop.Token);
        using var found = run.Model!;
        return (report, [.. found.parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())]);
    }

    private static RunSettings Stopping(RunSettings settings, int? stopAt, CancellationTokenSource stop) => settings with
    {
        LogEvery = 1,
        Progress = [new Watcher(report => { if (report.Step == stopAt) { stop.Cancel(); } })],
    };
}
