using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Training throughput against PyTorch. Both sides start from the same weights, take the same batches and run with the same
/// native libraries and threads; they take turns, so that whatever else the machine does meets both alike.
/// </summary>
internal static class TrainingComparison
{
    private const int Batch = 8;
    private const int Tokens = 256;
    private const int ComparedSteps = 10;
    private const double LargestLossDifference = 1e-4;

    public static int Run(Settings settings)
    {
        var rounds = settings.Number("rounds", 15);
        var steps = settings.Number("steps", 2);
        Console.WriteLine($"Llama, 256 wide, 6 layers, 8 heads, feed-forward 704, vocabulary 4,096, tied head, float32; {Batch} x {Tokens} tokens, AdamW, {settings.DeviceName}, {settings.Threads} threads");

        using var folder = new TemporaryFolder();
        Prepare(folder);
        using var ours = Worker.StartOurs(settings.Threads, TrainingWorker.Command, "--weights", folder.File("weights.safetensors"), "--device", settings.DeviceName);
        using var theirs = Worker.Start(
            settings.Python, settings.Threads, Path.Combine(SharedFiles.RepositoryRoot, "eng/bench/train_torch.py"),
            "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture),
            "--config", folder.File("config.json"), "--weights", folder.File("weights.safetensors"), "--batches", folder.File("batches.safetensors"), "--device", settings.DeviceName);
        ours.Read();
        theirs.Read();

        // Warm-up and proof in one: the same model must be trained, not just a similar one.
        var difference = Enumerable.Range(0, ComparedSteps).Max(_ => Math.Abs(Parse(ours.Ask("run 1")).Loss - Parse(theirs.Ask("run 1")).Loss));
        Console.WriteLine(FormattableString.Invariant($"Largest difference of the loss over the first {ComparedSteps} steps: {difference:0.0e0}"));
        if (!(difference <= LargestLossDifference))
        {
            Console.Error.WriteLine(FormattableString.Invariant($"The two sides do not train the same model: their losses differ by {difference}, expected at most {LargestLossDifference}."));
            return 1;
        }

        if (!ReportLibraries(ours, theirs))
        {
            return 1;
        }

        var rates = new Dictionary<Worker, List<double>> { [ours] = [], [theirs] = [] };
        for (var round = 0; round < rounds; round++)
        {
            foreach (var side in round % 2 == 0 ? new[] { ours, theirs } : [theirs, ours])
            {
                rates[side].Add(steps * Batch * Tokens / Parse(side.Ask($"run {steps}")).Seconds);
            }
        }

        Console.WriteLine($"{rounds} rounds of {steps} steps each, taking turns; tokens per second:");
        Console.WriteLine();
        Console.WriteLine("| side | median | lowest | highest |");
        Console.WriteLine("|---|---:|---:|---:|");
        Console.WriteLine(Row("this project", rates[ours]));
        Console.WriteLine(Row("PyTorch", rates[theirs]));
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"ratio {Statistics.Median(rates[ours]) / Statistics.Median(rates[theirs]):0.00}"));
        return 0;
    }

    public static PackedBatch[] Batches() => Training.Batches(BenchModels.Throughput, ComparedSteps, Batch, Tokens);

    private static void Prepare(TemporaryFolder folder)
    {
        var config = BenchModels.Throughput;
        using var scope = NewDisposeScope();
        using var source = new RandomWeights(config, seed: 1);
        using var model = new CausalLanguageModel(config, source);
        var weights = model.named_parameters().Select(pair => KeyValuePair.Create(pair.name, (Tensor)pair.parameter));
        SafetensorsWriter.Write(folder.File("weights.safetensors"), weights);
        var batches = Batches();
        SafetensorsWriter.Write(folder.File("batches.safetensors"), new Dictionary<string, Tensor>
        {
            ["inputs"] = tensor([.. batches.SelectMany(batch => batch.InputIds)], [ComparedSteps, Batch, Tokens]),
            ["targets"] = tensor([.. batches.SelectMany(batch => batch.Targets)], [ComparedSteps, Batch, Tokens]),
        });
        File.WriteAllText(folder.File("config.json"), new JsonObject
        {
            ["hidden_size"] = config.HiddenSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["intermediate_size"] = config.IntermediateSize,
            ["vocab_size"] = config.VocabularySize,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["learning_rate"] = Training.Rate,
            ["betas"] = new JsonArray(Training.Options.Beta1, Training.Options.Beta2),
            ["weight_decay"] = Training.Options.WeightDecay,
        }.ToJsonString());
    }

    private static bool ReportLibraries(Worker ours, Worker theirs)
    {
        var (mine, other) = (ours.Libraries(), theirs.Libraries());
        Console.WriteLine("Native libraries: " + string.Join(", ", mine));
        if (mine.SequenceEqual(other, StringComparer.Ordinal))
        {
            return true;
        }

        Console.Error.WriteLine("The two sides run on different native libraries, so their speeds say nothing. PyTorch has: " + string.Join(", ", other));
        return false;
    }

    private static (double Seconds, double Loss) Parse(string answer)
    {
        var words = answer.Split(' ');
        return (double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[3], CultureInfo.InvariantCulture));
    }

    private static string Row(string name, List<double> rates) =>
        string.Create(CultureInfo.InvariantCulture, $"| {name} | {Statistics.Median(rates):N0} | {rates.Min():N0} | {rates.Max():N0} |");
}
