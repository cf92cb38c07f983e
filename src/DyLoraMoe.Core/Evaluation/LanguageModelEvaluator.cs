using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>Measures nats per token on held-out data, with or without an adapter. Nothing is changed or kept.</summary>
/// <param name="model">The model.</param>
/// <param name="options">Batch size, and which tokens are scored; the defaults when null.</param>
/// <remarks>Shapes: N targets, D hidden, V vocabulary.</remarks>
public sealed class LanguageModelEvaluator(CausalLanguageModel model, EvaluationOptions? options = null)
{
    // Bounds the logits of one pass through the head: 64 MiB of float32.
    private const long LogitsAtOnce = 1L << 24;

    private readonly EvaluationOptions _options = options ?? new EvaluationOptions();

    /// <summary>Scores every sample.</summary>
    /// <param name="set">The data.</param>
    /// <param name="adapter">The adapter to apply; null for the bare model.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EvaluationReport Evaluate(EvaluationSet set, LoraAdapter? adapter = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        var losses = new SampleLoss[set.IsEmpty ? 0 : set.Count(_options)];
        foreach (var batch in set.Batches(_options))
        {
            cancellation.ThrowIfCancellationRequested();
            Score(batch, adapter, losses);
        }

        return new EvaluationReport(losses);
    }

    private void Score(EvaluationBatch batch, LoraAdapter? adapter, SampleLoss[] losses)
    {
        var nats = TokenLosses(batch, adapter);
        var (targets, length, next) = (batch.Batch.Targets, batch.Batch.Length, 0);
        for (var row = 0; row < batch.Batch.Rows; row++)
        {
            var loss = default(SampleLoss);
            for (var at = 0; at < length; at++)
            {
                if (targets[(row * length) + at] == Data.PackedBatch.IgnoredTarget)
                {
                    continue;
                }

                double token = nats[next++];
                var counts = at + 1 >= batch.LossStarts[row];
                loss = new SampleLoss(loss.Nats + (counts ? token : 0), loss.Tokens + (counts ? 1 : 0), loss.AllNats + token, loss.AllTokens + 1);
            }

            losses[batch.Samples[row]] = loss;
        }
    }

    private float[] TokenLosses(EvaluationBatch batch, LoraAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var tensors = BatchTensors.From(batch.Batch, model.Device);
        var hidden = TargetLogits.Hidden(model, tensors, adapter, isTraining: false);                                 // (N, D)
        var (count, step) = (hidden.shape[0], Math.Max(1, LogitsAtOnce / model.Config.VocabularySize));
        if (count <= step)
        {
            return [.. CrossEntropy(hidden, tensors, adapter).cpu().data<float>()];
        }

        var parts = new List<Tensor>();
        for (var first = 0L; first < count; first += step)
        {
            using var part = NewDisposeScope();
            var size = Math.Min(step, count - first);
            var slice = tensors with
            {
                Targets = tensors.Targets.narrow(0, first, size),
                At = tensors.At?.narrow(0, first, size) ?? arange(first, first + size, device: model.Device),
            };
            parts.Add(CrossEntropy(hidden.narrow(0, first, size), slice, adapter).MoveToOuterDisposeScope());
        }

        return [.. cat(parts).cpu().data<float>()];
    }

    private Tensor CrossEntropy(Tensor hidden, BatchTensors batch, LoraAdapter? adapter)
    {
        var logits = TargetLogits.Of(model, hidden, batch, adapter, isTraining: false);                               // (N, D) -> (N, V)
        return nn.functional.cross_entropy(logits, batch.Targets, reduction: nn.Reduction.None);                      // (N)
    }
}
