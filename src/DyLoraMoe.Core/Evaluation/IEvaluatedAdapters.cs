using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>Which adapters an evaluation scores with.</summary>
internal interface IEvaluatedAdapters
{
    /// <summary>What they add to one batch; disposed when the batch is done.</summary>
    AdaptersInUse Use(EvaluationBatch batch, BatchTensors tensors);
}

/// <summary>What adapters add to one batch.</summary>
/// <param name="body">To the decoder's layers.</param>
/// <param name="head">To an untied head, at the targeted positions of a part of the batch.</param>
/// <param name="owned">Freed with this.</param>
internal sealed class AdaptersInUse(IProjectionDelta? body, Func<BatchTensors, IProjectionDelta?> head, IDisposable? owned = null) : IDisposable
{
    /// <summary>To the decoder's layers; null for nothing.</summary>
    public IProjectionDelta? Body => body;

    /// <summary>To an untied head; null for nothing. The caller frees it when it is disposable.</summary>
    public IProjectionDelta? HeadAt(BatchTensors part) => head(part);

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();
}

/// <summary>One adapter for every sample, or none.</summary>
internal sealed class OneAdapter(LoraAdapter? adapter) : IEvaluatedAdapters
{
    public AdaptersInUse Use(EvaluationBatch batch, BatchTensors tensors) => new(
        TargetLogits.Delta(tensors, adapter, isTraining: false),
        part => TargetLogits.HeadDelta(part, adapter, isTraining: false));
}

/// <summary>A mixture of its own for every sample.</summary>
internal sealed class Mixtures(AdapterBank bank, IReadOnlyList<float[]> weights, IReadOnlyList<TokenizedSample> samples) : IEvaluatedAdapters
{
    private readonly bool _hasInvocations = samples.Count > 0 && bank.Adapters.Any(adapter => adapter.Config is { Mode: AdapterMode.Activated, InvocationTokens.Count: > 0 });
    private readonly bool _adaptsHead = bank.Adapters.Any(adapter => adapter.Layers.ContainsKey(CausalLanguageModel.HeadPath));

    public AdaptersInUse Use(EvaluationBatch batch, BatchTensors tensors)
    {
        using var scope = NewDisposeScope();
        var rows = batch.Samples.SelectMany(sample => weights[sample]).ToArray();
        var mixture = new AdapterBatch(
            bank,
            tensor(rows, device: tensors.Ids.device).view(batch.Samples.Length, bank.Adapters.Count),   // (B, E)
            tensors.Ids.shape[1],
            _hasInvocations ? Active(batch, tensors) : tensors.Active);
        return new AdaptersInUse(mixture, part => _adaptsHead ? mixture.At(part.At) : null, mixture);
    }

    // Each adapter from its own invocation on, as when the set is served.
    private Tensor Active(EvaluationBatch batch, BatchTensors tensors) => stack(
        [.. bank.Adapters.Select(adapter => InvocationPoint.Mask(
            [.. batch.Samples.Select(sample => InvocationPoint.Of(adapter.Config, samples[sample].Ids, samples[sample].AnswerStart))], tensors.Ids.shape[1], tensors.Ids.device))],
        -1);                                                                                            // E times (B, T) -> (B, T, E)
}
