using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

[Collection(UsesDefaultGenerator.Name)]
public sealed class DriftBudgetTests : IDisposable
{
    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 24,
        Rows = 2,
        Context = 24,
        EvaluateEvery = 8,
        Seeding = new SeedingOptions { Rate = 2e-2, WarmUpSteps = 2, MaxSteps = 20 },
    };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_wide_budget_changes_nothing_but_reports_the_drift()
    {
        var without = ReplayTrainingTests.Run(Data(), Options, AdapterMode.Full, null, null);
        var with = ReplayTrainingTests.Run(Data(), Options with { Drift = new DriftBudget { MaxNats = 1000, CheckEvery = 5 } }, AdapterMode.Full, null, null);

        ReplayTrainingTests.AssertSame(without.Weights, with.Weights);
        Assert.Equal(TrainingOutcome.Completed, with.Report.Outcome);
        Assert.True(with.Report.Drift > 0);
        Assert.Null(with.Report.DriftOverBudget);
        Assert.Null(without.Report.Drift);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_goes_over_the_budget_ends_within_it_and_says_so(bool keepBest)
    {
        var watcher = new Watcher();
        var budget = new DriftBudget { MaxNats = 0.05, CheckEvery = 2 };

        var (report, weights) = ReplayTrainingTests.Run(Data(), Options with { Drift = budget, KeepBest = keepBest }, AdapterMode.Activated, null, null, watcher);

        Assert.Equal(TrainingOutcome.Drifted, report.Outcome);
        Assert.InRange(report.Steps, 2, 22);
        Assert.True(report.DriftOverBudget > budget.MaxNats);
        Assert.InRange(report.Drift!.Value, 0, budget.MaxNats);
        Assert.Contains("drift on the anchors is", Assert.Single(watcher.Reports, sent => sent.Kind == ProgressKind.Warning).Message, StringComparison.Ordinal);
        Assert.Equal(report.Drift.Value, DriftOf(weights, AdapterMode.Activated), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_interrupted_run_drifts_as_a_straight_one_does(int before)
    {
        var options = Options with { Drift = new DriftBudget { MaxNats = 0.6, CheckEvery = 2 }, KeepBest = false };
        var straight = ReplayTrainingTests.Run(Data(), options, AdapterMode.Full, null, null);
        var interruptedAt = straight.Report.Steps - before;

        ReplayTrainingTests.Run(Data(), options, AdapterMode.Full, interruptedAt, _folder.FullPath);
        var resumed = ReplayTrainingTests.Run(Data(), options, AdapterMode.Full, null, _folder.FullPath);

        Assert.Equal((TrainingOutcome.Drifted, interruptedAt), (resumed.Report.Outcome, resumed.Report.ResumedFrom));
        Assert.Equal((straight.Report.Drift, straight.Report.DriftOverBudget, straight.Report.Steps), (resumed.Report.Drift, resumed.Report.DriftOverBudget, resumed.Report.Steps));
        ReplayTrainingTests.AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void A_budget_without_anchors_is_refused()
    {
        var options = Options with { Drift = new DriftBudget() };
        var bare = TrainingData.OfSamples(TinyData.Shifted(8), []);

        Assert.Contains("no Anchors", Assert.Throws<ArgumentException>(() => ReplayTrainingTests.Run(bare, options, AdapterMode.Full, null, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_model_ends_within_its_budget_too_and_an_interruption_changes_nothing()
    {
        var budget = new DriftBudget { MaxNats = 0.02, CheckEvery = 2 };
        var options = Options with { Drift = budget, TaskDrift = budget with { MaxNats = 1000 }, KeepBest = false, Seeding = Options.Seeding with { Rate = 2e-4 } };

        var straight = OfModel(options, null);
        OfModel(options, straight.Report.Steps - 1);
        var resumed = OfModel(options, null);

        Assert.Equal((TrainingOutcome.Drifted, straight.Report.Steps - 1), (resumed.Report.Outcome, resumed.Report.ResumedFrom));
        Assert.InRange(straight.Report.Drift!.Value, 1e-9, budget.MaxNats);
        Assert.True(straight.Report.DriftOverBudget > budget.MaxNats);
        Assert.Equal(["drift on the anchors", "drift on the new task"], straight.Report.Gauges.Select(gauge => gauge.Name));
        Assert.Equal((straight.Report.Drift, straight.Report.DriftOverBudget), (resumed.Report.Drift, resumed.Report.DriftOverBudget));
        ReplayTrainingTests.AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void Other_anchors_are_another_run()
    {
        var options = Options with { Drift = new DriftBudget { MaxNats = 1000 } };
        ReplayTrainingTests.Run(Data(), options, AdapterMode.Full, 4, _folder.FullPath);

        var other = TrainingData.OfSamples(TinyData.Shifted(40), TinyData.Shifted(8, seed: 2), null) with { Anchors = TinyData.Shifted(4, seed: 9) };
        var error = Assert.Throws<CheckpointMismatchException>(() => ReplayTrainingTests.Run(other, options, AdapterMode.Full, null, _folder.FullPath));

        Assert.Contains("anchors", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private (TrainingReport Report, Tensor[] Weights) OfModel(TrainingOptions options, int? stopAt)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        using var model = TinyModels.Create();
        using var run = TrainingRun.OfModel(model, Data(), options, new RunSettings { CheckpointFolder = _folder.FullPath, LogEvery = 1, Progress = [stopper] });
        var report = run.Run(stop.Token);
        return (report, [.. model.parameters().Select(parameter => parameter.detach().clone())]);
    }

    private static TrainingData Data() =>
        TrainingData.OfSamples(TinyData.Shifted(40), TinyData.Shifted(8, seed: 2)) with { Anchors = TinyData.Shifted(6, seed: 5, shift: 1) };

    // Straight from the definition: whole logits, one sample at a time.
    private static double DriftOf(Tensor[] weights, AdapterMode mode)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create();
        using var start = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        using var end = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        foreach (var (parameter, value) in end.Parameters.Zip(weights))
        {
            parameter.copy_(value);
        }

        var (sum, count) = (0.0, 0);
        foreach (var sample in TinyData.Shifted(6, seed: 5, shift: 1))
        {
            var ids = tensor(sample.Ids[..^1].Select(id => (long)id).ToArray(), device: TestDevice.Current).unsqueeze(0);
            var (p, q) = (Log(start), Log(end));
            sum += (p.exp() * (p - q)).sum().item<float>();
            count += sample.LossTokens;

            Tensor Log(LoraAdapter adapter)
            {
                var active = mode == AdapterMode.Full ? null : InvocationPoint.Mask([sample.AnswerStart - 1], sample.Positions, TestDevice.Current);
                var logits = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter, active) }).squeeze(0);
                return nn.functional.log_softmax(logits.narrow(0, sample.AnswerStart - 1, sample.LossTokens), -1);
            }
        }

        return sum / count;
    }
}
