using System.Globalization;

namespace DyLoraMoe.Benchmarks;

/// <summary>A LoRA step (rank 8, all linear layers) against a full fine-tuning step, each measured in fresh processes that take turns.</summary>
internal static class LoraComparison
{
    public static int Run(Settings settings)
    {
        var rounds = settings.Number("rounds", 3);
        Console.WriteLine($"Llama, 768 wide, 12 layers, 12 heads, feed-forward 2,048, vocabulary 32,000, float32; 2 x 256 tokens, AdamW, {settings.Threads} threads");
        var full = new List<(double Rate, double Peak)>();
        var lora = new List<(double Rate, double Peak)>();
        for (var round = 0; round < rounds; round++)
        {
            full.Add(Measure(settings, "everything"));
            lora.Add(Measure(settings, "adapter"));
        }

        var (fullRate, fullPeak) = Summary(full);
        var (loraRate, loraPeak) = Summary(lora);
        Console.WriteLine($"{rounds} rounds; medians:");
        Console.WriteLine();
        Console.WriteLine("| step | tokens per second | peak memory, MiB |");
        Console.WriteLine("|---|---:|---:|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| full fine-tuning | {fullRate:N0} | {fullPeak / (1 << 20):N0} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| LoRA, rank 8 | {loraRate:N0} | {loraPeak / (1 << 20):N0} |"));
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"memory ratio {loraPeak / fullPeak:0.00}"));
        Console.WriteLine(FormattableString.Invariant($"ratio {loraRate / fullRate:0.00}"));
        return 0;
    }

    private static (double Rate, double Peak) Summary(List<(double Rate, double Peak)> runs) =>
        (Statistics.Median(runs.Select(run => run.Rate)), Statistics.Median(runs.Select(run => run.Peak)));

    private static (double Rate, double Peak) Measure(Settings settings, string train)
    {
        using var worker = Worker.StartOurs(settings.Threads, LoraWorker.Command, "--train", train, "--device", settings.DeviceName, "--steps", settings.Text("steps", "4"));
        var words = worker.Read().Split(' ');
        return (double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[3], CultureInfo.InvariantCulture));
    }
}
