using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>Trains a small model for thousands of steps and prints how its resident memory develops.</summary>
internal static class MemoryGrowth
{
    private const int SettledAfter = 200;

    // A single look sees the collector before or after its work, some megabytes apart.
    private const int MeanOver = 50;

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
        Console.WriteLine("| step | resident memory, MiB: mean of the 50 steps before |");
        Console.WriteLine("|---:|---:|");
        var (settled, highest, sum) = (0.0, 0.0, 0.0);
        for (var step = 1; step <= steps; step++)
        {
            training.Take(batches[step % batches.Length]);
            sum += (step - 1) % SettledAfter >= SettledAfter - MeanOver ? ProcessMemory.Now : 0;
            if (step % SettledAfter == 0)
            {
                var mean = sum / MeanOver;
                sum = 0;
                settled = step == SettledAfter ? mean : settled;
                highest = Math.Max(highest, mean);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step} | {mean / 1048576.0:N1} |"));
            }
        }

        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"growth {100.0 * (highest - settled) / settled:0.00} %"));
        return 0;
    }
}
