using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>The two factors of one layer's low-rank update <c>s · B A</c>.</summary>
/// <param name="A">Down-projection, (R, I).</param>
/// <param name="B">Up-projection, (O, R); zero in a new adapter, so that it changes nothing.</param>
/// <param name="Scale">The factor s.</param>
public sealed record LoraWeights(Parameter A, Parameter B, double Scale) : IDisposable
{
    /// <summary>Width of the update, R.</summary>
    public int Rank => (int)A.shape[0];

    /// <summary>Bytes of both factors.</summary>
    public long Bytes => (A.numel() * A.element_size()) + (B.numel() * B.element_size());

    /// <summary>The full update <c>s · B A</c> in float32, (O, I).</summary>
    public Tensor Delta()
    {
        using var scope = NewDisposeScope();
        return (B.to_type(ScalarType.Float32).matmul(A.to_type(ScalarType.Float32)) * Scale).MoveToOuterDisposeScope();
    }

    /// <summary>Frees both factors.</summary>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
