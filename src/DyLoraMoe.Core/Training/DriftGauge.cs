using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>Measures KL(start || now) of an adapter under training, in nats per answer token of anchor samples.</summary>
/// <remarks>Shapes: N targets, n of a slice, V vocabulary.</remarks>
internal sealed class DriftGauge : IDisposable
{
    private const long LogitsAtOnce = 1L << 22;

    private readonly CausalLanguageModel _model;
    private readonly LoraAdapter _now;
    private readonly LoraAdapter _start;
    private readonly EvaluationSet _anchors;
    private readonly EvaluationOptions _options;

    /// <summary>Remembers the adapter as it is now.</summary>
    public DriftGauge(CausalLanguageModel model, LoraAdapter adapter, EvaluationSet anchors, EvaluationOptions options)
    {
        (_model, _now, _anchors, _options) = (model, adapter, anchors, options);
        _start = adapter.CopyTo(adapter.Device);
    }

    /// <summary>The adapter at the start, in the order of the trained parameters.</summary>
    public IEnumerable<Parameter> Start => _start.Parameters;

    /// <summary>The mean divergence over all anchor targets.</summary>
    public double Measure()
    {
        using var _ = inference_mode();
        var (sum, count) = (0.0, 0L);
        foreach (var batch in _anchors.Batches(_options))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, _model.Device);
            var before = TargetLogits.Hidden(_model, tensors, TargetLogits.Delta(tensors, _start, isTraining: false));   // (N, D)
            var after = TargetLogits.Hidden(_model, tensors, TargetLogits.Delta(tensors, _now, isTraining: false));
            var step = Math.Max(1, LogitsAtOnce / _model.Config.VocabularySize);
            for (var first = 0L; first < before.shape[0]; first += step)
            {
                using var part = NewDisposeScope();
                var slice = tensors.Slice(first, Math.Min(step, before.shape[0] - first));
                sum += Divergence(LogProbabilities(before, slice, first, _start), LogProbabilities(after, slice, first, _now)).item<float>();
            }

            count += before.shape[0];
        }

        return count == 0 ? 0 : Math.Max(0, sum / count);
    }

    /// <summary>Frees the copy of the start.</summary>
    public void Dispose() => _start.Dispose();

    private static Tensor Divergence(Tensor p, Tensor q) => (p.exp() * (p - q)).sum();

    private Tensor LogProbabilities(Tensor hidden, BatchTensors slice, long first, LoraAdapter adapter) => nn.functional.log_softmax(
        TargetLogits.Of(_model, hidden.narrow(0, first, slice.Targets.shape[0]), TargetLogits.HeadDelta(slice, adapter, isTraining: false)), -1);   // (n, V)
}
