using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>Trains a small model for thousands of steps and prints how its resident memory develops.</summary>
internal static class MemoryGrowth
{
    private const int SettledAfter = 200;

    public static int Run(Settings settings)
    {
        var steps = settings.Number("steps", 2000);
        Console.WriteLine($"Llama, 128 wide, 4 layers, 4 heads; 12 x 64 tokens, AdamW, {settings.Threads} threads");
        using var source = new RandomWeights(BenchModels.Tiny, seed: 1);
        using var model = new CausalLanguageModel(BenchModels.Tiny, source);
        using var training = TrainingStep.OfModel(model, Training.Options);
        var batches = Training.Batches(BenchModels.Tiny, 16, 12, 64);
        model.train();
        Console.WriteLine();
        Console.WriteLine("| step | resident memory, MiB |");
        Console.WriteLine("|---:|---:|");
        var (settled, highest) = (0L, 0L);
        for (var step = 1; step <= steps; step++)
        {
            training.Take(batches[step % batches.Length]);

            if (step % SettledAfter == 0)
            {
                var now = ProcessMemory.Now;
                settled = step == SettledAfter ? now : settled;
                highest = Math.Max(highest, now);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step} | {now / 1048576.0:N1} |"));
            }
        }

        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"growth {100.0 * (highest - settled) / settled:0.00} %"));
        return 0;
    }
}
