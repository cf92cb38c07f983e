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

    /// <summary>Scores every sample with one adapter, or with none.</summary>
    /// <param name="set">The data.</param>
    /// <param name="adapter">The adapter to apply; null for the bare model.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EvaluationReport Evaluate(EvaluationSet set, LoraAdapter? adapter = null, CancellationToken cancellation = default) =>
        Evaluate(set, new OneAdapter(adapter), cancellation);

    /// <summary>Scores every sample with a mixture of adapters of its own.</summary>
    /// <param name="set">The data.</param>
    /// <param name="bank">The adapters.</param>
    /// <param name="weights">For every sample, one weight per adapter; a row of zeros is the bare model.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public EvaluationReport Evaluate(EvaluationSet set, AdapterBank bank, IReadOnlyList<float[]> weights, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(weights);
        return weights.Count == set.Count(_options)
            ? Evaluate(set, new Mixtures(bank, weights, set.Samples), cancellation)
            : throw new ArgumentException($"There are {weights.Count} rows of weights, expected one for each of {set.Count(_options)} samples.", nameof(weights));
    }

    private EvaluationReport Evaluate(EvaluationSet set, IEvaluatedAdapters adapters, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(set);
        var losses = new SampleLoss[set.IsEmpty ? 0 : set.Count(_options)];
        foreach (var batch in set.Batches(_options))
        {
            cancellation.ThrowIfCancellationRequested();
            Score(batch, adapters, losses);
        }

        return new EvaluationReport(losses);
    }

    private void Score(EvaluationBatch batch, IEvaluatedAdapters adapters, SampleLoss[] losses)
    {
        var nats = TokenLosses(batch, adapters);
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

    private float[] TokenLosses(EvaluationBatch batch, IEvaluatedAdapters adapters)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var tensors = BatchTensors.From(batch.Batch, model.Device);
        using var use = adapters.Use(batch, tensors);
        var hidden = TargetLogits.Hidden(model, tensors, use.Body);                                                   // (N, D)
        var (count, step) = (hidden.shape[0], Math.Max(1, LogitsAtOnce / model.Config.VocabularySize));
        if (count <= step)
        {
            return [.. CrossEntropy(hidden, tensors, use).cpu().data<float>()];
        }

        var parts = new List<Tensor>();
        for (var first = 0L; first < count; first += step)
        {
            using var part = NewDisposeScope();
            var size = Math.Min(step, count - first);
            parts.Add(CrossEntropy(hidden.narrow(0, first, size), tensors.Slice(first, size), use).MoveToOuterDisposeScope());
        }

        return [.. cat(parts).cpu().data<float>()];
    }

    private Tensor CrossEntropy(Tensor hidden, BatchTensors batch, AdaptersInUse use)
    {
        var head = use.HeadAt(batch);
        using var _ = head as IDisposable;
        var logits = TargetLogits.Of(model, hidden, head);                                                     // (N, D) -> (N, V)
        return nn.functional.cross_entropy(logits, batch.Targets, reduction: nn.Reduction.None);                      // (N)
    }
}
