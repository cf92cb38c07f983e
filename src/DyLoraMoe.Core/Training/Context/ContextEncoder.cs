using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>Reads a context without a gradient: no activation outlives the layer that made it, only keys and values stay.</summary>
/// <remarks>Shapes: K key/value heads, C tokens, E head size.</remarks>
internal static class ContextEncoder
{
    /// <summary>Encodes one context, alone, so that its bits do not depend on what else is in a batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The context's tokens; at least one.</param>
    /// <param name="delta">What an adapter adds, without dropout; null for the bare backbone.</param>
    /// <returns>The caller's.</returns>
    public static EncodedContext Encode(CausalLanguageModel model, ReadOnlySpan<long> ids, IProjectionDelta? delta)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var recorder = new Recorder();
        model.Encode(tensor(ids.ToArray(), [1, ids.Length], device: model.Device), new ForwardOptions { Cache = recorder, Delta = delta });
        return new EncodedContext(recorder.Layers);
    }

    private sealed class Recorder : IKeyValueCache
    {
        public List<(Tensor Keys, Tensor Values)> Layers { get; } = [];

        public long Length => 0;

        public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
        {
            Layers.Add((keys.contiguous().DetachFromDisposeScope(), values.contiguous().DetachFromDisposeScope()));
            return (keys, values);
        }
    }
}
