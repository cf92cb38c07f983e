using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// nanoGPT's smallest example: characters of Shakespeare, 4 layers, 4 heads, 128 wide, context 64, batch 12, 2,000 steps; its
/// validation loss is 1.88. Data, split and rates are nanoGPT's; the model is a Llama of about the same size (a gated
/// feed-forward of 344 in place of a plain one of 512).
/// </summary>
internal static class Shakespeare
{
    public static int Run(Settings settings)
    {
        var text = File.ReadAllText(SharedFiles.Shared("data/tinyshakespeare.txt"));
        var vocabulary = text.Distinct().Order().ToArray();
        var ids = text.Select(character => Array.BinarySearch(vocabulary, character)).ToArray();
        var split = ids.Length * 9 / 10;
        var config = BenchModels.Tiny with { VocabularySize = vocabulary.Length };
        var options = TrainingOptions.Pretraining with
        {
            MaxSteps = settings.Number("steps", 2000),
            Rows = 12,
            Context = 64,
            Seed = settings.Number("seed", 1),
        };

        Console.WriteLine($"Llama, 128 wide, 4 layers, 4 heads, {vocabulary.Length} characters; {options.Rows} x {options.Context} tokens, AdamW, {settings.Threads} threads");
        using var source = new RandomWeights(config, options.Seed);
        using var model = new CausalLanguageModel(config, source);
        using var run = TrainingRun.OfModel(model, TrainingData.OfStream(ids[..split], ids[split..]), options, new RunSettings
        {
            Progress = [new ConsoleProgress(Console.Out, !Console.IsOutputRedirected, TimeProvider.System)],
        });
        var report = run.Run();

        Console.WriteLine();
        Console.WriteLine("| step | training loss | validation loss |");
        Console.WriteLine("|---:|---:|---:|");
        foreach (var point in report.Curve)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {point.Step} | {point.TrainingLoss:0.0000} | {point.ValidationLoss:0.0000} |"));
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.TokensPerSecond:N0} tokens/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"validation loss {report.FinalLoss:0.0000}"));
        return 0;
    }
}
