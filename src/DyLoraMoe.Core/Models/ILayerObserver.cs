using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Sees the residual stream of a forward pass go by. Must not change what it sees, nor keep it: it is freed with the pass.</summary>
public interface ILayerObserver
{
    /// <summary>Called once per pass for the embeddings and once after every layer, in order.</summary>
    /// <param name="layer">0 for the embeddings, i for the output of the i-th decoder layer, counted from 1.</param>
    /// <param name="hidden">The residual stream before the last norm, (B, T, D).</param>
    void Observe(int layer, Tensor hidden);
}
