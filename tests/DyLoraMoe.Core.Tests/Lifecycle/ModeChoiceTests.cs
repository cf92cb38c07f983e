using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Training;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Lifecycle;

[Collection(UsesDefaultGenerator.Name)]
public sealed class ModeChoiceTests : IDisposable
{
    private static readonly LoraConfig Config = new() { Rank = 4, Alpha = 8 };

    private static readonly TrainingOptions Trial = new()
    {
        MaxSteps = 12,
        Rows = 4,
        Context = 24,
        EvaluateEvery = 4,
        Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 2, MaxSteps = 8 },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _model = TinyModels.Create();

    [Fact]
    public void A_mode_that_was_asked_for_needs_no_trial()
    {
        foreach (var (request, mode) in new[] { (ModeRequest.Full, AdapterMode.Full), (ModeRequest.Activated, AdapterMode.Activated) })
        {
            var result = new ModeChoice(_model, TrainingData.OfSamples(TinyData.Shifted(8), []), new ModeChoiceOptions { Mode = request }).Choose(Config, 1, Trial);
            using var fresh = LoraAdapter.Create(_model, Config, 1);

            Assert.Equal((mode, mode, null), (result.Mode, result.Adapter.Config.Mode, result.FullLoss));
            Assert.All(fresh.Parameters.Zip(result.Adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
            result.Adapter.Dispose();
        }
    }

    [Fact]
    public void Activated_stays_unless_Full_is_better_by_more_than_the_margin()
    {
        var wide = Choose(new ModeChoiceOptions { MarginNats = 100 });
        var by = wide.ActivatedLoss!.Value - wide.FullLoss!.Value;
        var narrow = Choose(new ModeChoiceOptions { MarginNats = Math.Max(0, by - 1e-6), MarginShare = 0 });

        Assert.Equal(AdapterMode.Activated, wide.Mode);
        Assert.True(by > 0, "the prompt matters for these data, so Full should be ahead");
        Assert.Equal((AdapterMode.Full, wide.FullLoss, wide.ActivatedLoss), (narrow.Mode, narrow.FullLoss, narrow.ActivatedLoss));
        Assert.Contains("Full is not better by more than 100", wide.Reason, StringComparison.Ordinal);
        Assert.Contains("Full is better by more than", narrow.Reason, StringComparison.Ordinal);
        Assert.Equal(wide.Trial!.Tokens * 2, wide.Tokens);
        wide.Adapter.Dispose();
        narrow.Adapter.Dispose();
    }

    [Fact]
    public void The_margin_grows_with_the_gain()
    {
        var options = new ModeChoiceOptions { MarginNats = 0.02, MarginShare = 0.05 };

        Assert.Equal(0.02, options.Margin(0.1), 1e-12);
        Assert.Equal(0.15, options.Margin(3), 1e-12);
    }

    [Fact]
    public void The_chosen_adapter_is_that_of_its_trial()
    {
        var result = Choose(new ModeChoiceOptions { MarginNats = 100 });
        using var alone = LoraAdapter.Create(_model, Config with { Mode = AdapterMode.Activated }, 1);
        using var run = TrainingRun.OfExpert(_model, alone, Data(), Trial);

        Assert.Equal(run.Run().FinalLoss, result.ActivatedLoss);
        Assert.All(alone.Parameters.Zip(result.Adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        result.Adapter.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_choice_that_was_interrupted_in_either_trial_ends_the_same(int trial)
    {
        var straight = Choose(new ModeChoiceOptions());
        using var stop = new CancellationTokenSource();
        var started = 0;
        var stopper = new Watcher(report =>
        {
            started += report.Kind == ProgressKind.Started ? 1 : 0;
            if (started == trial && report.Step == 6)
            {
                stop.Cancel();
            }
        });
        var settings = new RunSettings { CheckpointFolder = _folder.FullPath, LogEvery = 1 };

        Assert.Throws<OperationCanceledException>(() => Choose(new ModeChoiceOptions(), settings with { Progress = [stopper] }, stop.Token));
        var watcher = new Watcher();
        var resumed = Choose(new ModeChoiceOptions(), settings with { Progress = [watcher] });

        Assert.Equal((straight.Mode, straight.FullLoss, straight.ActivatedLoss), (resumed.Mode, resumed.FullLoss, resumed.ActivatedLoss));
        Assert.All(straight.Adapter.Parameters.Zip(resumed.Adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        Assert.Contains(watcher.Reports, report => report is { Kind: ProgressKind.Resumed } && report.Step == (trial == 1 ? 6 : 12));
        straight.Adapter.Dispose();
        resumed.Adapter.Dispose();
    }

    [Fact]
    public void A_trial_without_held_out_data_is_refused() =>
        Assert.Contains("held-out", Assert.Throws<ArgumentException>(() => new ModeChoice(_model, TrainingData.OfSamples(TinyData.Shifted(8), [])).Choose(Config, 1, Trial)).Message, StringComparison.Ordinal);

    public void Dispose()
    {
        _folder.Dispose();
        _model.Dispose();
    }

    private static TrainingData Data() => TrainingData.OfSamples(TinyData.Shifted(64), TinyData.Shifted(16, seed: 2));

    private ModeChoiceResult Choose(ModeChoiceOptions options, RunSettings? settings = null, CancellationToken cancellation = default) =>
        new ModeChoice(_model, Data(), options).Choose(Config, 1, Trial, settings, cancellation);
}
