using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// What trains as it was at the start of a run, frozen, to measure how far training has moved it. It takes as much memory on the
/// device as the weights that train: a copy of the adapter, or of the whole model.
/// </summary>
internal sealed class StartingPoint : IDisposable
{
    private const long LogitsAtOnce = 1L << 22;

    private readonly CausalLanguageModel _model;
    private readonly LoraAdapter? _adapter;
    private readonly CausalLanguageModel _startModel;
    private readonly LoraAdapter? _startAdapter;

    /// <summary>Remembers the adapter, or without one the model, as it is now.</summary>
    public StartingPoint(CausalLanguageModel model, LoraAdapter? adapter)
    {
        (_model, _adapter) = (model, adapter);
        _startAdapter = adapter?.CopyTo(adapter.Device);
        _startModel = adapter is null ? Copy(model) : model;
    }

    /// <summary>The weights at the start, in the order of the trained parameters.</summary>
    public IEnumerable<Parameter> Parameters => _startAdapter?.Parameters ?? _startModel.parameters();

    /// <summary>The mean of KL(start || now) over all targets of <paramref name="set"/>, in nats per token: two forward passes.</summary>
    public double Divergence(EvaluationSet set)
    {
        using var _ = inference_mode();
        var (sum, count) = (0.0, 0L);
        foreach (var batch in set.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, _model.Device);
            var before = TargetDistributions.Hidden(_startModel, _startAdapter, tensors);                                        // (N, D)
            var after = TargetDistributions.Hidden(_model, _adapter, tensors);
            var step = Math.Max(1, LogitsAtOnce / _model.Config.VocabularySize);
            for (var first = 0L; first < before.shape[0]; first += step)
            {
                using var part = NewDisposeScope();
                var slice = tensors.Slice(first, Math.Min(step, before.shape[0] - first));
                sum += TargetDistributions.Divergence(
                    TargetDistributions.Of(_startModel, _startAdapter, before.narrow(0, first, slice.Targets.shape[0]), slice),  // (n, V)
                    TargetDistributions.Of(_model, _adapter, after.narrow(0, first, slice.Targets.shape[0]), slice));
            }

            count += before.shape[0];
        }

        return count == 0 ? 0 : sum < 0 ? 0 : sum / count;
    }

    /// <summary>Frees the copy.</summary>
    public void Dispose()
    {
        _startAdapter?.Dispose();
        if (_startModel != _model)
        {
            _startModel.Dispose();
        }
    }

    private static CausalLanguageModel Copy(CausalLanguageModel model)
    {
        using var weights = new ModelWeights(model);
        var copy = new CausalLanguageModel(model.Config, weights);
        copy.eval();
        return copy;
    }
}
