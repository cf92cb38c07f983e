using System.Diagnostics;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;

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
        using var source = new RandomWeights(BenchModels.Bench, seed: 1);
        using var model = new CausalLanguageModel(BenchModels.Bench, source);
        using var adapter = settings.Text("train") == "adapter"
            ? LoraAdapter.Create(model, new LoraConfig { Rank = 8 }, seed: 1)
            : null;
        using var optimizer = Training.Optimizer(adapter?.Parameters ?? model.Unfreeze().parameters());
        using var ids = Training.RandomIds(BenchModels.Bench, Batch, Tokens + 1);
        var delta = adapter is null ? null : new AdapterDelta(adapter, isTraining: true);
        model.train();

        var clock = new Stopwatch();
        for (var step = -WarmUpSteps; step < steps; step++)
        {
            if (step == 0)
            {
                clock.Start();
            }

            using var loss = Training.Step(model, optimizer, ids, delta);
        }

        clock.Stop();
        Console.WriteLine(FormattableString.Invariant($"rate {steps * Batch * Tokens / clock.Elapsed.TotalSeconds:R} peak {ProcessMemory.Peak}"));
        return 0;
    }
}
