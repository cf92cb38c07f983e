using System.Diagnostics;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Trains the bench model on one long context with a short answer, and prints what the pass needs at its peak beyond weights, gradients and moments, the time
/// of the first step, and that of the later ones.
/// </summary>
internal static class ContextWorker
{
    public const string Command = "context-worker";

    public static int Run(Settings settings)
    {
        var arm = ContextArm.All.Single(one => one.Name == settings.Text("arm"));
        var (context, answer, steps) = (settings.Number("context", 2048), settings.Number("answer", 64), settings.Number("steps", 3));
        var config = BenchModels.Bench with { MaxPositions = context + answer };
        using var source = new RandomWeights(config, seed: 1, device: settings.Device);
        using var model = new CausalLanguageModel(config, source);
        using var adapter = arm.Mode is { } mode ? LoraAdapter.Create(model, new LoraConfig { Rank = 8, Mode = mode }, seed: 1) : null;
        var options = Training.Options with { Loss = arm.Loss, Gradient = arm.Gradient };
        using var step = adapter is null ? TrainingStep.OfModel(model, options) : TrainingStep.OfExpert(model, adapter, options);
        model.train();

        // A short batch makes room for gradients and moments, so that what comes on top is the pass alone.
        step.Take(Batch(config, 8, 8, arm.Loss, seed: 1));
        var small = Batch(config, 8, 8, arm.Loss, seed: 2);
        step.Accumulate(small, small.LossTokens);
        _ = step.TakeLoss();
        var batch = Batch(config, context, answer, arm.Loss, seed: 3);
        GC.Collect();
        var before = ProcessMemory.ResetPeak();
        var first = Seconds(() => Take(step, batch));
        var peak = ProcessMemory.Peak;
        var later = Enumerable.Range(0, steps).Select(_ => Seconds(() => Take(step, batch))).ToList();
        Console.WriteLine(FormattableString.Invariant($"pass {peak - before} first {first:R} step {Statistics.Median(later):R}"));
        return 0;
    }

    private static void Take(TrainingStep step, PackedBatch batch)
    {
        step.Take(batch);
        _ = step.TakeLoss();  // Reading it waits for the device.
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    // The last position of the prompt predicts the answer's first token and is the answer's.
    private static PackedBatch Batch(ModelConfig config, int context, int answer, LossOn loss, int seed)
    {
        var random = new Random(seed);
        int[] ids = [.. Enumerable.Range(0, context + answer + 1).Select(_ => random.Next(config.VocabularySize))];
        return PackedBatch.Of([new TokenizedSample(ids, context + 1, loss == LossOn.Answer ? context + 1 : 0, context)], [[0]], context + answer);
    }
}
