using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>
/// The path from a batch to the hidden states and logits of its targeted positions. Positions without a target never reach the
/// head, whose matrix is the largest of a small model.
/// </summary>
/// <remarks>Shapes: B rows, T positions, N targets, D hidden, V vocabulary.</remarks>
internal static class TargetLogits
{
    /// <summary>Final hidden states of the targeted positions, (N, D).</summary>
    public static Tensor Hidden(CausalLanguageModel model, BatchTensors batch, LoraAdapter? adapter, bool isTraining, bool checkpointing = false)
    {
        // The delta belongs to the caller's scope: with checkpointing the backward pass asks it again.
        var delta = adapter is null ? null : new AdapterDelta(adapter, Active(batch, adapter), isTraining);
        using var scope = NewDisposeScope();
        var hidden = model.Encode(batch.Ids, batch.Packing with { Delta = delta, Checkpointing = checkpointing });   // (B, T) -> (B, T, D)
        var flat = hidden.view(-1, hidden.shape[^1]);                                                                // (B·T, D)
        return (batch.At is { } at ? flat.index_select(0, at) : flat).MoveToOuterDisposeScope();                     // (N, D)
    }

    /// <summary>Logits in float32, (N, D) -> (N, V).</summary>
    public static Tensor Of(CausalLanguageModel model, Tensor hidden, BatchTensors batch, LoraAdapter? adapter, bool isTraining)
    {
        using var scope = NewDisposeScope();
        var delta = adapter is not null && adapter.Layers.ContainsKey(CausalLanguageModel.HeadPath)
            ? new AdapterDelta(adapter, ActiveAtTargets(batch, adapter), isTraining)
            : null;
        return model.Head(hidden, delta).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static Tensor? Active(BatchTensors batch, LoraAdapter adapter) =>
        adapter.Config.Mode == AdapterMode.Activated ? batch.Active : null;

    private static Tensor? ActiveAtTargets(BatchTensors batch, LoraAdapter adapter) =>
        Active(batch, adapter) is { } active
            ? batch.At is { } at ? active.view(-1).index_select(0, at) : active.view(-1)
            : null;
}
