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
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="delta">What adapters add; the caller's, since with checkpointing the backward pass asks it again.</param>
    /// <param name="checkpointing">Compute intermediate results again in the backward pass.</param>
    public static Tensor Hidden(CausalLanguageModel model, BatchTensors batch, IProjectionDelta? delta, bool checkpointing = false)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Encode(batch.Ids, batch.Packing with { Delta = delta, Checkpointing = checkpointing });   // (B, T) -> (B, T, D)
        var flat = hidden.view(-1, hidden.shape[^1]);                                                                // (B·T, D)
        return (batch.At is { } at ? flat.index_select(0, at) : flat).MoveToOuterDisposeScope();                     // (N, D)
    }

    /// <summary>Logits in float32, (N, D) -> (N, V).</summary>
    /// <param name="model">The model.</param>
    /// <param name="hidden">Hidden states of targeted positions.</param>
    /// <param name="delta">What adapters add to an untied head at these positions.</param>
    public static Tensor Of(CausalLanguageModel model, Tensor hidden, IProjectionDelta? delta)
    {
        using var scope = NewDisposeScope();
        return model.Head(hidden, delta).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>One adapter over the whole batch; null for none.</summary>
    public static AdapterDelta? Delta(BatchTensors batch, LoraAdapter? adapter, bool isTraining) =>
        adapter is null ? null : new AdapterDelta(adapter, Active(batch, adapter), isTraining);

    /// <summary>One adapter over the targeted positions, for the head; null when it does not adapt the head.</summary>
    public static AdapterDelta? HeadDelta(BatchTensors batch, LoraAdapter? adapter, bool isTraining) =>
        adapter is not null && adapter.Layers.ContainsKey(CausalLanguageModel.HeadPath)
            ? new AdapterDelta(adapter, ActiveAtTargets(batch, adapter), isTraining)
            : null;

    private static Tensor? Active(BatchTensors batch, LoraAdapter adapter) =>
        adapter.Config.Mode == AdapterMode.Activated ? batch.Active : null;

    private static Tensor? ActiveAtTargets(BatchTensors batch, LoraAdapter adapter) =>
        Active(batch, adapter) is { } active
            ? batch.At is { } at ? active.view(-1).index_select(0, at) : active.view(-1)
            : null;
}
