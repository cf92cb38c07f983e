using System.Diagnostics;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>Trains the bench model for a few steps, whole or through an adapter, and prints its speed and peak memory.</summary>
internal static class LoraWorker
{
    public const string Command = "lora-worker";
    private const int Batch = 2;
    private const int Tokens = 256;
    private const int WarmUpSteps = 2;

    public static int Run(Settings settings)
    {
        var steps = settings.Number("steps", 4);
        using var source = new RandomWeights(BenchModels.Bench, seed: 1, device: settings.Device);
        using var model = new CausalLanguageModel(BenchModels.Bench, source);
        using var adapter = settings.Text("train") == "adapter"
            ? LoraAdapter.Create(model, new LoraConfig { Rank = 8 }, seed: 1)
            : null;
        using var step = adapter is null ? TrainingStep.OfModel(model, Training.Options) : TrainingStep.OfExpert(model, adapter, Training.Options);
        var batch = Training.Batches(BenchModels.Bench, 1, Batch, Tokens)[0];
        model.train();

        var clock = new Stopwatch();
        for (var taken = -WarmUpSteps; taken < steps; taken++)
        {
            if (taken == 0)
            {
                _ = step.TakeLoss();
                clock.Start();
            }

            step.Take(batch);
        }

        _ = step.TakeLoss();  // Reading it waits for the device.
        clock.Stop();
        Console.WriteLine(FormattableString.Invariant($"rate {steps * Batch * Tokens / clock.Elapsed.TotalSeconds:R} peak {ProcessMemory.Peak}"));
        return 0;
    }
}
