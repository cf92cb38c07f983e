using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

[Collection(UsesDefaultGenerator.Name)]
public sealed class ReplayTrainingTests : IDisposable
{
    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 16,
        Rows = 2,
        Context = 24,
        EvaluateEvery = 4,
        Seeding = new SeedingOptions { Rate = 1e-2, WarmUpSteps = 2, MaxSteps = 6 },
        Consolidation = new ConsolidationOptions { Rate = 2e-3, FinalRate = 1e-4 },
    };

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void A_run_with_replay_that_was_interrupted_ends_with_the_same_bits(AdapterMode mode)
    {
        var (report, weights) = Run(Data(25), Options, mode, stopAt: null, folder: null);

        Run(Data(25), Options, mode, stopAt: 7, _folder.FullPath);
        var (resumed, again) = Run(Data(25), Options, mode, stopAt: null, _folder.FullPath);

        Assert.Equal(7, resumed.ResumedFrom);
        Assert.Equal((report.Samples, report.Tokens, report.BestLoss), (resumed.Samples, resumed.Tokens, resumed.BestLoss));
        AssertSame(weights, again);
    }

    [Fact]
    public void No_replay_trains_as_plain_samples_do()
    {
        var plain = Run(TrainingData.OfSamples(TinyData.Shifted(40), TinyData.Shifted(8, seed: 2)), Options, AdapterMode.Full, null, null);

        AssertSame(plain.Weights, Run(Data(0), Options, AdapterMode.Full, null, null).Weights);
        Assert.False(plain.Weights.Zip(Run(Data(50), Options, AdapterMode.Full, null, null).Weights).All(pair => pair.First.HasBitsOf(pair.Second)));
    }

    [Fact]
    public void Another_percent_is_another_run()
    {
        Run(Data(25), Options, AdapterMode.Full, stopAt: 5, _folder.FullPath);

        var error = Assert.Throws<CheckpointMismatchException>(() => Run(Data(30), Options, AdapterMode.Full, null, _folder.FullPath));

        Assert.Contains("training data", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static TrainingData Data(int percent) =>
        TrainingData.OfReplay(TinyData.Shifted(40), [TinyData.Shifted(20, seed: 3, shift: 5), TinyData.Shifted(30, seed: 4, shift: 7)], percent, TinyData.Shifted(8, seed: 2));

    internal static (TrainingReport Report, Tensor[] Weights) Run(TrainingData data, TrainingOptions options, AdapterMode mode, int? stopAt, string? folder, Watcher? watcher = null)
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
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, data, options, new RunSettings { CheckpointFolder = folder, LogEvery = 1, Progress = watcher is null ? [stopper] : [stopper, watcher] });
        return (run.Run(stop.Token), [.. adapter.Parameters.Select(parameter => parameter.detach().clone())]);
    }

    internal static void AssertSame(Tensor[] expected, Tensor[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
    }
}
