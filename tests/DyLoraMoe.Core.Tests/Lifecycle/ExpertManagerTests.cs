using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Lifecycle;

[Collection(UsesDefaultGenerator.Name)]
public sealed class ExpertManagerTests : IDisposable
{
    // A rank of one with a seeding that ends at its first stale evaluation: growth is certain where plateaus may lead to it.
    private static readonly ExpertPolicy Policy = new()
    {
        Adapter = new LoraConfig { Rank = 1, Alpha = 2 },
        Rank = new RankPolicy { BaseRank = 1, LargestRank = 4, EasyUpTo = 0.01, HardFrom = 0.1 },
        Mode = new ModeChoiceOptions { Mode = ModeRequest.Full },
        ProbePercent = 20,
        Training = new TrainingOptions
        {
            MaxSteps = 60,
            Rows = 4,
            Context = 24,
            EvaluateEvery = 4,
            Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 2, MaxSteps = 48, PlateauPatience = 1, PlateauGain = 10 },
            Consolidation = new ConsolidationOptions { Rate = 2e-3, FinalRate = 2e-4 },
        },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _model = TinyModels.Create();
    private readonly TokenizedSample[] _train = TinyData.Shifted(40);
    private readonly TokenizedSample[] _heldOut = TinyData.Shifted(12, seed: 9);

    [Fact]
    public void A_plateau_with_much_left_grows_the_rank_and_training_goes_on()
    {
        var result = Create(Policy, new RunSettings(), CancellationToken.None);

        using var adapter = result.Adapter;
        Assert.Equal((4, 4), (adapter.Config.Rank, adapter.Layers.Values.First().Rank));
        Assert.Equal(2.0, adapter.Layers.Values.First().Scale, 1e-12);
        Assert.Contains("rank grows from 1 to 4", result.RankReason, StringComparison.Ordinal);
        Assert.Equal(3, result.Reports.Count);
        Assert.Equal(60, result.Reports.Sum(report => report.Steps));
        Assert.True(result.Reports[^1].FinalLoss < result.Reports[0].BaselineLoss);
    }

    [Fact]
    public void A_dream_is_never_seen_more_often_than_a_real_sample_of_its_length() => Law.Holds(
        from known in SampleGen.Tokenized(longest: 33).NonEmptyListOf() from dreams in SampleGen.Tokenized(longest: 33) from most in Gen.Choose(1, 50) select (known, dreams, most),
        c =>
        {
            var parts = ExpertManager.PartsOf([.. c.known], c.dreams, c.most);

            // How often a token of a part is seen, in the time of one pass over a hundred tokens of the mixture.
            double[] seen = [.. parts.Select(part => part.Share / part.Samples.Sum(sample => sample.Positions))];
            Assert.Equal(100, parts.Sum(part => part.Share), 1e-9);
            Assert.InRange(parts[0].Share, 1e-9, c.most);
            Assert.True(seen[0] <= seen[1..].Min() * (1 + 1e-9));
            Assert.True(parts[0].Share > c.most - 1e-9 || seen[0] >= seen[1..].Min() * (1 - 1e-9));
        });

    [Fact]
    public void While_the_loss_still_falls_the_rank_stays()
    {
        var patient = Policy with { Training = Policy.Training with { Seeding = Policy.Training.Seeding with { PlateauPatience = null } } };

        var result = Create(patient, new RunSettings(), CancellationToken.None);

        using var adapter = result.Adapter;
        Assert.Equal(1, adapter.Config.Rank);
        Assert.Contains("holds nothing back", result.RankReason, StringComparison.Ordinal);
        Assert.Equal(2, result.Reports.Count);
    }

    [Theory]
    [InlineData(ModeRequest.Full)]
    [InlineData(ModeRequest.Auto)]
    public void The_probe_is_the_beginning_of_training(ModeRequest mode)
    {
        var constant = Policy with
        {
            Mode = new ModeChoiceOptions { Mode = mode, MarginNats = 100 },
            Training = Policy.Training with { KeepBest = false, Seeding = Policy.Training.Seeding with { MaxSteps = null, MaxTokens = long.MaxValue, PlateauPatience = null } },
        };

        var result = Create(constant, new RunSettings(), CancellationToken.None);

        using var adapter = result.Adapter;
        using var whole = LoraAdapter.Create(_model, adapter.Config, constant.Training.Seed);
        using var run = TrainingRun.OfExpert(
            _model, whole, TrainingData.OfSamples(_train, _heldOut), constant.Training with { MaxSteps = result.Reports.Sum(report => report.Steps) });
        run.Run();
        Assert.Equal(result.Reports[0].FinalLoss, result.Reports[1].BaselineLoss);
        Assert.All(whole.Parameters.Zip(adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
    }

    [Fact]
    public void A_probe_warms_up_for_a_quarter_of_its_steps_at_most_however_many_batches_a_step_has()
    {
        const int Accumulation = 4;
        const int Tokens = 8 * 4 * 24 * Accumulation;
        var training = Policy.Training with
        {
            MaxSteps = null,
            MaxTokens = Tokens * 5,
            Accumulation = Accumulation,
            KeepBest = false,
            Seeding = Policy.Training.Seeding with { WarmUpSteps = 100, MaxSteps = null, MaxTokens = long.MaxValue, PlateauPatience = null },
        };

        using var probed = new ExpertManager(_model, Policy with { Training = training }).Probe(_train, _heldOut, new RunSettings(), TestContext.Current.CancellationToken);

        using var alike = LoraAdapter.Create(_model, probed.Adapter.Config, training.Seed);
        using var run = TrainingRun.OfExpert(
            _model, alike, TrainingData.OfSamples(_train, _heldOut), training with { MaxTokens = Tokens, Seeding = training.Seeding with { WarmUpSteps = 2 } });
        run.Run(TestContext.Current.CancellationToken);
        Assert.All(alike.Parameters.Zip(probed.Adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(40)]
    public void A_stopped_expert_goes_on_to_the_same_weights_growth_included(int stopAfter)
    {
        var whole = Create(Policy, new RunSettings { CheckpointFolder = _folder["whole"] }, CancellationToken.None);
        using (var stop = new CancellationTokenSource())
        {
            var counter = new StopAfter(stopAfter, stop);
            var settings = new RunSettings { CheckpointFolder = _folder["stopped"], LogEvery = 1, Progress = [counter] };
            Assert.Throws<OperationCanceledException>(() => Create(Policy, settings, stop.Token));
        }

        var resumed = Create(Policy, new RunSettings { CheckpointFolder = _folder["stopped"] }, CancellationToken.None);

        Assert.Equal(whole.RankReason, resumed.RankReason);
        Assert.All(whole.Adapter.Parameters.Zip(resumed.Adapter.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        whole.Adapter.Dispose();
        resumed.Adapter.Dispose();
    }

    [Fact]
    public void Extending_trains_a_copy_and_leaves_the_expert_as_it_is()
    {
        using var expert = LoraAdapter.Create(_model, new LoraConfig { Rank = 2, Alpha = 4 }, 1);
        using var before = expert.CopyTo(expert.Device);

        var result = new ExpertManager(_model, Policy).Extend(
            expert, TinyData.Shifted(20, shift: 5), [_train], _heldOut, canaries: [], spent: 0, budgetPercent: 50, new RunSettings(), CancellationToken.None);

        using var extended = result.Adapter;
        Assert.All(expert.Parameters.Zip(before.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        Assert.Contains(extended.Parameters.Zip(before.Parameters), pair => !pair.First.HasBitsOf(pair.Second));
        var report = result.Reports.Single();
        Assert.Equal(Policy.Training.MaxSteps / 2, report.Steps);

        // Replay is no new sample, and one that comes again none either.
        Assert.True(report.Samples > 20 * report.Epochs);
        Assert.Equal(20, result.Shown(20));
        Assert.Equal(5, (result with { Reports = [report with { Epochs = 0.25 }] }).Shown(20));
    }

    [Fact]
    public void The_same_task_again_gives_a_head_start_and_it_is_the_larger_the_more_there_was_to_gain()
    {
        var manager = new ExpertManager(_model, Policy);
        using var expert = Create(Policy, new RunSettings(), CancellationToken.None).Adapter;
        using var cold = manager.Probe(_train, _heldOut, new RunSettings(), CancellationToken.None);

        using var warm = manager.ProbeFrom(expert, _train, _heldOut, new RunSettings(), CancellationToken.None);

        Assert.True(warm.Report.FinalLoss < cold.Report.FinalLoss, $"{warm.Report.FinalLoss} from the expert, {cold.Report.FinalLoss} from nothing");
        Assert.Equal(0.5, new HeadStart("e", BackboneLoss: 4, FreshLoss: 3, WarmLoss: 1, OwnLoss: 0).Share);
        Assert.Equal(0, new HeadStart("e", BackboneLoss: 1, FreshLoss: 1, WarmLoss: 0.5, OwnLoss: 1).Share);
        Assert.Equal(0.5, new HeadStart("e", BackboneLoss: 9, FreshLoss: 6, WarmLoss: 1, OwnLoss: 0, FrequencyLoss: 2).Share);
        Assert.Equal(0, new HeadStart("e", BackboneLoss: 10, FreshLoss: 6, WarmLoss: 5, OwnLoss: 4.5, FrequencyLoss: 4.9).Share);
        Assert.Equal(0.1, new HeadStart("e", BackboneLoss: 10, FreshLoss: 2, WarmLoss: 1, OwnLoss: 0, FrequencyLoss: 3).Share);
        Assert.Contains("head start of 50 %", new HeadStart("e", 4, 3, 1, 0).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_expert_starts_from_one_that_is_clearly_ahead_and_of_its_shape_which_stays_as_it_is()
    {
        var manager = new ExpertManager(_model, Policy);
        using var expert = Create(Policy, new RunSettings(), CancellationToken.None).Adapter;
        using var before = expert.CopyTo(TorchSharp.torch.CPU);
        using var cold = manager.Probe(_train, _heldOut, new RunSettings(), CancellationToken.None);
        var warm = manager.ProbeFrom(expert, _train, _heldOut, new RunSettings(), CancellationToken.None);

        Assert.True(manager.StartsBetter(cold, warm));
        Assert.False(manager.StartsBetter(warm, cold));
        Assert.False(new ExpertManager(_model, Policy with { LeastLead = 1 }).StartsBetter(cold, warm));
        using var other = new LoraAdapter(expert.Config with { Mode = AdapterMode.Activated }, expert.CopyTo(TorchSharp.torch.CPU).Layers);
        Assert.False(manager.StartsBetter(cold, warm with { Adapter = other }));

        // How much of the backbone's loss is left decides the rank, whoever the weights are from.
        var (bare, related) = (cold.Report.BaselineLoss, warm.Report.BaselineLoss);
        warm = cold.From(warm);
        Assert.NotEqual(related, bare);
        Assert.Equal(bare, warm.Report.BaselineLoss);

        var result = manager.Train(warm, _train, _heldOut, cold.Tokens + warm.Tokens, new RunSettings(), CancellationToken.None);
        using var trained = result.Adapter;
        Assert.True(result.Reports[^1].FinalLoss < cold.Report.FinalLoss);
        Assert.All(expert.Parameters.Zip(before.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private TrainedExpert Create(ExpertPolicy policy, RunSettings settings, CancellationToken cancellation)
    {
        var manager = new ExpertManager(_model, policy);
        var probed = manager.Probe(_train, _heldOut, settings, cancellation);
        return manager.Train(probed, _train, _heldOut, probed.Tokens, settings, cancellation);
    }

    // Cancels after so many steps over all runs.
    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        private int _taken;

        public void Report(TrainingProgress value)
        {
            if (value.Kind == ProgressKind.Stepped && ++_taken == steps)
            {
                stop.Cancel();
            }
        }
    }
}
