using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// The answers of a batch in front of their contexts as constants: the loss is that of the ordinary pass, its gradient that part which does not go through the
/// context's keys and values. What is kept for the gradient grows with the answers alone, but for the keys and values that they look at.
/// </summary>
/// <remarks>Shapes: B rows, C positions of contexts, A of answers, N targets, D hidden.</remarks>
internal static class DetachedPass
{
    /// <summary>Final hidden states of the targeted positions in the order of the batch, (N, D).</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="adapter">The adapter under training; null for none.</param>
    /// <param name="encode">Gives a context by its tokens; this method disposes of it.</param>
    /// <param name="checkpointing">Compute intermediate results again in the backward pass.</param>
    public static Tensor Hidden(CausalLanguageModel model, PackedBatch batch, LoraAdapter? adapter, Func<long[], EncodedContext> encode, bool checkpointing)
    {
        var isActivated = adapter?.Config.Mode == AdapterMode.Activated;
        var split = ContextSplit.Of(batch, isActivated);
        var cache = split.ContextLength == 0 ? null : Contexts(split, encode);

        // With checkpointing the backward pass needs these again: they are of the step's scope, not of this method's.
        long[] shape = [batch.Rows, split.AnswerLength];
        long[] keys = [batch.Rows, split.ContextLength + split.AnswerLength];
        var hidden = model.Encode(tensor(split.Answers(batch.InputIds, 0), shape, device: model.Device), new ForwardOptions
        {
            Cache = cache,
            Delta = adapter is null ? null : new AdapterDelta(adapter, isActivated ? tensor(split.Answers(batch.Activated, false), shape, device: model.Device) : null, isTraining: true),
            Positions = tensor(split.Answers(batch.PositionIds, 0), shape, device: model.Device),
            PositionsEnd = batch.Length,
            Segments = tensor(split.Answers(batch.SegmentIds, 0), shape, device: model.Device),
            KeySegments = tensor(split.Keys(batch.SegmentIds, 0), keys, device: model.Device),
            KeyPositions = tensor(split.Keys(batch.PositionIds, 0), keys, device: model.Device),
            Checkpointing = checkpointing,
        });                                                                                     // (B, A) -> (B, A, D)
        var targets = split.Answers(batch.Targets, PackedBatch.IgnoredTarget);
        long[] at = [.. targets.Index().Where(target => target.Item != PackedBatch.IgnoredTarget).Select(target => (long)target.Index)];
        return hidden.view(-1, hidden.shape[^1]).index_select(0, tensor(at, device: model.Device));   // (N, D)
    }

    private static DetachedCache Contexts(ContextSplit split, Func<long[], EncodedContext> encode)
    {
        var contexts = split.Contexts(encode);
        var cache = DetachedCache.Of(contexts, split.ContextLength);
        foreach (var context in contexts.SelectMany(row => row))
        {
            context.Dispose();
        }

        return cache;
    }
}
