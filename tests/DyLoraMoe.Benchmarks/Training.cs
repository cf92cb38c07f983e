using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks;

/// <summary>What every measured training step has in common; the step itself is the product's own.</summary>
internal static class Training
{
    public const double Rate = 3e-4;

    public static TrainingOptions Options { get; } = new()
    {
        Beta1 = 0.9,
        Beta2 = 0.999,
        WeightDecay = 0.01,
        ClipNorm = null,
        Loss = LossOn.Everything,
    };

    /// <summary>Batches of ids that are random, but the same in every process.</summary>
    public static PackedBatch[] Batches(ModelConfig config, int count, int rows, int tokens)
    {
        var random = new Random(1);
        var stream = new int[(count * rows * tokens) + 1];
        for (var i = 0; i < stream.Length; i++)
        {
            stream[i] = random.Next(config.VocabularySize);
        }

        return [.. Enumerable.Range(0, count).Select(batch =>
            PackedBatch.OfWindows(stream, [.. Enumerable.Range(batch * rows, rows).Select(row => row * tokens)], tokens))];
    }

    /// <summary>Takes one step on one batch.</summary>
    public static void Take(this TrainingStep step, PackedBatch batch)
    {
        step.Accumulate(batch, batch.LossTokens);
        step.Apply(Rate);
    }
}
