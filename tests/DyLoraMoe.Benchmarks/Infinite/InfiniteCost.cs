using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>What a step takes with boundaries, gravity and reviews, and without, on a model of the built-in backbone's shape.</summary>
/// <param name="Plain">Seconds of a plain step, one figure a round.</param>
/// <param name="Bounded">Seconds of a step with them, of the same rounds.</param>
/// <param name="Tokens">Tokens of a step.</param>
internal sealed record InfiniteCost(IReadOnlyList<double> Plain, IReadOnlyList<double> Bounded, int Tokens)
{
    private const int Rounds = 5;
    private const int Rows = 8;
    private const int Context = 64;
    private const int Ramp = 64;

    /// <summary>The forces' share of a step, by the fastest round of each: others were disturbed.</summary>
    public double Share => (Bounded.Min() / Plain.Min()) - 1;

    /// <summary>Measures, or reads what was measured.</summary>
    public static InfiniteCost Measure(InfinitePreset preset, string path)
    {
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<InfiniteCost>(File.ReadAllText(path))!;
        }

        var (plain, bounded) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var (without, with) = (Seconds(preset, Still(1e-3) with { Gravity = 0, Lasso = 0, PullEvery = 1000, ReviewEvery = int.MaxValue }), Seconds(preset, Still(Ramp)));
            if (round > 0)
            {
                plain.Add(without);
                bounded.Add(with);
            }
        }

        var cost = new InfiniteCost(plain, bounded, Rows * Context);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(cost));
        return cost;
    }

    // All that is computed, at a size that stays: a step of another size would take another time.
    private static InfiniteOptions Still(double ramp) => new()
    {
        Axes = [new AxisOptions(UnitAxis.FeedForward) { Ramp = ramp, Least = 512, Most = 512 }, new AxisOptions(UnitAxis.Depth) { Ramp = 1e-3, Least = 4, Most = 4 }],
        Speed = 1e-6,
        ReviewEvery = 20,
    };

    // Units that write nothing yet: a ramp begins over those, and beyond all others.
    private static CausalLanguageModel Model(ModelConfig shape)
    {
        using var _ = no_grad();
        using var weights = new RandomWeights(shape, seed: 1);
        var model = new CausalLanguageModel(shape, weights);
        foreach (var (_, parameter) in model.named_parameters().Where(pair => pair.name.EndsWith("down_proj.weight", StringComparison.Ordinal)))
        {
            parameter.narrow(1, shape.IntermediateSize - Ramp, Ramp).zero_();
        }

        return model;
    }

    private static double Seconds(InfinitePreset preset, InfiniteOptions options)
    {
        var shape = InfinitePreset.Shape(UnitAxis.Rank) with { HiddenSize = 192, IntermediateSize = 512, Layers = 4, Heads = 6, KeyValueHeads = 3, HeadSize = 32, VocabularySize = 2048 };
        var random = new SeededRandom(1);
        int[] tokens = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(shape.VocabularySize))];
        var training = TrainingOptions.Pretraining with { MaxSteps = preset.CostSteps, Rows = Rows, Context = Context };
        using var run = InfiniteRun.OfModel(
            Model(shape), TrainingData.OfSource(batches => new StreamBatchSource(tokens, batches), EvaluationSet.OfSamples([])), training, options);
        var report = run.Run();
        run.Model!.Dispose();
        return report.TrainingSeconds / report.Steps;
    }
}
