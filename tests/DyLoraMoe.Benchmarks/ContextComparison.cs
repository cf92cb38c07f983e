using System.Globalization;

namespace DyLoraMoe.Benchmarks;

/// <summary>Ways to learn a short answer behind a long context: memory of the pass and time of a step, each in a process of its own.</summary>
internal static class ContextComparison
{
    public static int Run(Settings settings)
    {
        var (context, answer, steps) = (settings.Number("context", 2048), settings.Number("answer", 64), settings.Number("steps", 3));
        Console.WriteLine($"Llama, 768 wide, 12 layers, 12 heads, feed-forward 2,048, vocabulary 32,000, float32; one context of {context:N0} tokens, an answer of {answer}; AdamW, {settings.Threads} threads; LoRA of rank 8 on all linear layers");
        Console.WriteLine();
        Console.WriteLine("| what trains, on what | memory of the pass, MiB | of full loss | first step, s | later step, s | of full loss |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        (double Pass, double Step) full = default;
        foreach (var arm in ContextArm.All)
        {
            var (pass, first, step) = Measure(settings, arm, context, answer, steps);
            full = arm.Name is "full" or "lora-full" ? (pass, step) : full;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {arm.Title} | {pass / (1 << 20):N0} | {pass / full.Pass:0.00} | {first:0.0} | {step:0.0} | {step / full.Step:0.00} |"));
        }

        return 0;
    }

    private static (double Pass, double First, double Step) Measure(Settings settings, ContextArm arm, int context, int answer, int steps)
    {
        using var worker = Worker.StartOurs(settings.Threads, ContextWorker.Command, "--arm", arm.Name, "--device", settings.DeviceName, "--context", Text(context), "--answer", Text(answer), "--steps", Text(steps));
        var words = worker.Read().Split(' ');
        return (Number(words[1]), Number(words[3]), Number(words[5]));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
