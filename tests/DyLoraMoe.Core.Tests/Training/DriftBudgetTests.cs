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
        Assert.Contains("drifted", Assert.Single(watcher.Reports, sent => sent.Kind == ProgressKind.Warning).Message, StringComparison.Ordinal);
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
    public void A_budget_without_anchors_or_for_a_whole_model_is_refused()
    {
        var options = Options with { Drift = new DriftBudget() };
        var bare = TrainingData.OfSamples(TinyData.Shifted(8), []);

        Assert.Contains("no anchors", Assert.Throws<ArgumentException>(() => ReplayTrainingTests.Run(bare, options, AdapterMode.Full, null, null)).Message, StringComparison.Ordinal);
        using var model = TinyModels.Create();
        Assert.Contains("no adapter", Assert.Throws<ArgumentException>(() => TrainingRun.OfModel(model, Data(), options)).Message, StringComparison.Ordinal);
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
