using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

[Collection(UsesDefaultGenerator.Name)]
public class TrainingRunTests
{
    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 60,
        Rows = 4,
        Context = 32,
        EvaluateEvery = 10,
        Seeding = new SeedingOptions { Rate = 2e-2, WarmUpSteps = 2, MaxSteps = 40, PlateauPatience = null },
        Consolidation = new ConsolidationOptions { Rate = 2e-3, FinalRate = 1e-4 },
    };

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void An_expert_learns_its_skill(AdapterMode mode)
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, Data(), Options);

        var report = run.Run();

        Assert.Equal((TrainingOutcome.Completed, 60, 40), (report.Outcome, report.Steps, report.SeedingSteps));
        Assert.True(report.Gain > 1, $"{report.BaselineLoss} -> {report.FinalLoss}");
        Assert.Equal([0, 10, 20, 30, 40, 50, 60], report.Curve.Select(point => point.Step));
        Assert.Equal(report.Curve.Min(point => point.ValidationLoss), report.BestLoss);
        Assert.True(report.TrainingLoss < report.BaselineLoss);
    }

    [Fact]
    public void The_baseline_is_the_bare_backbone()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var heldOut = TinyData.Shifted(16, seed: 2);
        using var run = TrainingRun.OfExpert(model, adapter, Data(), Options with { MaxSteps = 1 });

        var report = run.Run();

        Assert.Equal(new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(heldOut)).Loss, report.BaselineLoss!.Value, 1e-6);
    }

    [Fact]
    public void A_run_that_takes_over_from_another_goes_on_as_if_it_were_the_same()
    {
        using var model = TinyModels.Create();
        using var inOne = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var inTwo = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var anew = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var high = Options with { MaxSteps = 20, KeepBest = false };
        var (first, second) = (high with { MaxSteps = 12 }, high with { MaxSteps = 8, Seeding = high.Seeding with { WarmUpSteps = 0 } });

        Run(inOne, high, null);
        using (var start = Run(inTwo, first, null))
        {
            Run(inTwo, second, start).Dispose();
        }

        Run(anew, first, null).Dispose();
        Run(anew, second, null).Dispose();

        Assert.All(inOne.Parameters.Zip(inTwo.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        Assert.Contains(inOne.Parameters.Zip(anew.Parameters), pair => !pair.First.HasBitsOf(pair.Second));

        RunHandover Run(LoraAdapter adapter, TrainingOptions options, RunHandover? after)
        {
            using var run = TrainingRun.OfExpert(model, adapter, Data(), options, after: after);
            Assert.Equal(options.MaxSteps, run.Run().Steps);
            return run.HandOver();
        }
    }

    [Fact]
    public void A_model_learns_a_stream()
    {
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, device: TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        var options = Options with { Loss = LossOn.Everything, KeepBest = false };
        using var run = TrainingRun.OfModel(model, TrainingData.OfStream(TinyData.Stream(2000), TinyData.Stream(300, seed: 2)), options);

        var report = run.Run();

        Assert.True(report.Gain > 2, $"{report.BaselineLoss} -> {report.FinalLoss}");
        Assert.Equal(60 * 4 * 32, report.Tokens);
        Assert.Equal(report.Tokens / 2000.0, report.Epochs, 1e-9);
    }

    [Fact]
    public void The_run_ends_with_the_weights_of_its_best_evaluation()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);

        // Held-out data that follow another rule: learning the training data's rule makes them worse.
        var heldOut = TinyData.Shifted(16, seed: 2, shift: 5);
        using var run = TrainingRun.OfExpert(model, adapter, TrainingData.OfSamples(TinyData.Shifted(64), heldOut), Options);

        var report = run.Run();

        Assert.True(report.BestStep < 60);
        Assert.True(report.Curve[^1].ValidationLoss > report.BestLoss);
        var again = new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(heldOut), adapter).Loss;
        Assert.Equal(report.BestLoss!.Value, again, 1e-6);
        Assert.Equal(report.BestLoss, report.FinalLoss);
    }

    [Fact]
    public void A_plateau_ends_seeding_and_patience_ends_the_run()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var watcher = new Watcher();

        // With a rate of zero nothing is ever gained.
        var options = Options with
        {
            EvaluateEvery = 5,
            Seeding = new SeedingOptions { Rate = 0, WarmUpSteps = 0, PlateauPatience = 2 },
            Consolidation = new ConsolidationOptions { Rate = 0, FinalRate = 0, StopPatience = 3 },
        };
        using var run = TrainingRun.OfExpert(model, adapter, Data(), options, new RunSettings { Progress = [watcher] });

        var report = run.Run();

        Assert.Equal((TrainingOutcome.Stopped, 10, 25), (report.Outcome, report.SeedingSteps, report.Steps));
        Assert.Contains("plateau", Assert.Single(watcher.Reports, report => report.Kind == ProgressKind.PhaseChanged).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_of_tokens_ends_the_run()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, Data(), Options with { MaxSteps = null, MaxTokens = 1000 });

        var report = run.Run();

        Assert.InRange(report.Tokens, 1000, 1000 + (4 * 32));
    }

    [Fact]
    public void Without_held_out_data_the_run_warns_and_keeps_the_last_weights()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var watcher = new Watcher();
        using var run = TrainingRun.OfExpert(model, adapter, TrainingData.OfSamples(TinyData.Shifted(32), []), Options with { MaxSteps = 5 }, new RunSettings { Progress = [watcher] });

        var report = run.Run();

        Assert.Null(report.FinalLoss);
        Assert.Null(report.Gain);
        Assert.Single(watcher.Reports, report => report.Kind == ProgressKind.Warning);
        Assert.All(adapter.Layers.Values, layer => Assert.NotEqual(0, layer.B.abs().max().item<float>()));
    }

    [Fact]
    public void A_run_that_diverges_says_so()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using (no_grad())
        {
            adapter.Layers.Values.First().B.fill_(float.NaN);
        }

        using var run = TrainingRun.OfExpert(model, adapter, Data(), Options);

        Assert.Contains("Lower the rates", Assert.Throws<TrainingDivergedException>(() => run.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backbone_of_another_type_than_the_options_say_is_refused()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);

        var error = Assert.Throws<ArgumentException>(() => TrainingRun.OfExpert(model, adapter, Data(), Options with { Backbone = ScalarType.BFloat16 }));

        Assert.Contains("BFloat16", error.Message, StringComparison.Ordinal);
    }

    private static TrainingData Data() => TrainingData.OfSamples(TinyData.Shifted(64), TinyData.Shifted(16, seed: 2));
}
