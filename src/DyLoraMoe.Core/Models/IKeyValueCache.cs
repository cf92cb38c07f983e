using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Where a pass keeps its keys and values and finds those of earlier tokens. How they are laid out in memory is the owner's choice.</summary>
/// <remarks>Shapes: B batch, K key/value heads, T new tokens, S earlier and new tokens, E head size.</remarks>
public interface IKeyValueCache
{
    /// <summary>Earlier tokens that every row shows to the next pass, those that a mask hides included.</summary>
    long Length { get; }

    /// <summary>Takes in a layer's new keys and values and returns all of them.</summary>
    /// <param name="layer">Layer index from 0.</param>
    /// <param name="keys">New keys, (B, K, T, E).</param>
    /// <param name="values">New values, (B, K, T, E).</param>
    /// <returns>Views of everything so far, the new ones last, (B, K, S, E).</returns>
    (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values);
}
