using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Trains a small model for thousands of steps and prints how its resident memory develops, by means and by single
/// readings.
/// </summary>
internal static class MemoryGrowth
{
    private const int SettledAfter = 200;

    // A single look sees the collector before or after its work, some megabytes apart.
    private const int MeanOver = 50;

    private const double MiB = 1048576;

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
        Console.WriteLine("| step | resident memory, MiB: mean of the 50 steps before | highest since the row before |");
        Console.WriteLine("|---:|---:|---:|");
        var (settled, highestMean, highestReading) = (0.0, 0.0, 0.0);
        var (sum, highest) = (0.0, 0L);
        for (var step = 1; step <= steps; step++)
        {
            training.Take(batches[step % batches.Length]);
            var now = ProcessMemory.Now;
            highest = Math.Max(highest, now);
            sum += (step - 1) % SettledAfter >= SettledAfter - MeanOver ? now : 0;
            if (step % SettledAfter == 0)
            {
                var mean = sum / MeanOver;
                settled = step == SettledAfter ? mean : settled;
                highestMean = Math.Max(highestMean, mean);
                highestReading = step == SettledAfter ? 0 : Math.Max(highestReading, highest);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {step} | {mean / MiB:N1} | {highest / MiB:N1} |"));
                (sum, highest) = (0, 0);
            }
        }

        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant(
            $"growth after step {SettledAfter}: {Percent(highestMean):0.00} % by means, {Percent(highestReading):0.00} % at the highest single reading"));
        return 0;

        double Percent(double bytes) => 100 * Math.Max(0, bytes - settled) / settled;
    }
}
