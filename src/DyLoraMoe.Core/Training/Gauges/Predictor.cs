using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training.Distillation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>A model, bare or with an adapter, as what predicts distributions at the targets of samples.</summary>
/// <param name="Model">The model.</param>
/// <param name="Adapter">The adapter; null for the bare model.</param>
/// <remarks>Shapes: N targets, n of a slice, D hidden, V vocabulary.</remarks>
internal sealed record Predictor(CausalLanguageModel Model, LoraAdapter? Adapter)
{
    private const long LogitsAtOnce = 1L << 22;

    /// <summary>Log-probabilities at the targets of a batch, (N, V).</summary>
    public Tensor Distributions(BatchTensors batch)
    {
        using var scope = NewDisposeScope();
        return Distributions(Hidden(batch), batch).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of KL(this || other) over all targets of <paramref name="set"/> and the vocabulary of this, in nats per token: two forward passes.</summary>
    public double Divergence(Predictor other, EvaluationSet set)
    {
        using var _ = inference_mode();
        var (sum, count) = (0.0, 0L);
        foreach (var batch in set.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, Model.Device);
            var (own, others) = (Hidden(tensors), other.Hidden(tensors));                                               // (N, D)
            var step = Math.Max(1, LogitsAtOnce / Model.Config.VocabularySize);
            for (var first = 0L; first < own.shape[0]; first += step)
            {
                using var part = NewDisposeScope();
                var slice = tensors.Slice(first, Math.Min(step, own.shape[0] - first));
                var length = slice.Targets.shape[0];
                sum += Divergence(Distributions(own.narrow(0, first, length), slice), other.Distributions(others.narrow(0, first, length), slice, Model.Config.VocabularySize));
            }

            count += own.shape[0];
        }

        // Rounding may leave a sum of next to nothing below zero.
        return count == 0 ? 0 : sum < 0 ? 0 : sum / count;
    }

    /// <summary>The sum of KL(p || q) over all targets, of log-probabilities (N, V).</summary>
    public static double Divergence(Tensor p, Tensor q) => DivergenceGauge.Between(p, q).item<float>();

    private Tensor Hidden(BatchTensors batch) => TargetLogits.Hidden(Model, batch, TargetLogits.Delta(batch, Adapter, isTraining: false));   // (N, D)

    private Tensor Distributions(Tensor hidden, BatchTensors batch, long? vocabulary = null)
    {
        var logits = TargetLogits.Of(Model, hidden, TargetLogits.HeadDelta(batch, Adapter, isTraining: false));                             // (N, D) -> (N, V)
        return nn.functional.log_softmax(vocabulary is { } size ? logits.narrow(1, 0, size) : logits, -1);
    }
}
