using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>Keys after their rotation, and values, of one context: constants, a pair for each layer.</summary>
/// <remarks>Shapes: K key/value heads, C tokens, E head size. All tensors are (1, K, C, E).</remarks>
internal sealed record EncodedContext(IReadOnlyList<(Tensor Keys, Tensor Values)> Layers) : IDisposable
{
    public long Bytes => Layers.Sum(layer => (layer.Keys.numel() + layer.Values.numel()) * layer.Keys.ElementSize);

    /// <summary>The same memory once more, which is freed when both are disposed; the caller's.</summary>
    public EncodedContext Shared() => new([.. Layers.Select(layer => (layer.Keys.detach().DetachFromDisposeScope(), layer.Values.detach().DetachFromDisposeScope()))]);

    public void Dispose()
    {
        foreach (var (keys, values) in Layers)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
