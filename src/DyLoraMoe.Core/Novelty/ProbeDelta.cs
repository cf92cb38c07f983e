using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// A probe adapter whose B is zero: it adds a zero tensor to the output of the probed layers. The gradient of the loss for that
/// tensor is the layer's output gradient δ, and <c>dL/dB = Σ_t δ_t (A x_t)ᵀ</c> follows for every sample from one backward pass.
/// </summary>
/// <remarks>Shapes: N tokens of all rows, I and O layer widths, R rank.</remarks>
internal sealed class ProbeDelta(IReadOnlyDictionary<string, Tensor> downs) : IProjectionDelta, IDisposable
{
    private readonly Dictionary<string, (Tensor Low, Tensor Zero)> _seen = new(StringComparer.Ordinal);

    /// <summary>For every probed layer that was passed: <c>x Aᵀ</c>, (N, R), and the tensor of zeros, (N, O).</summary>
    public IReadOnlyDictionary<string, (Tensor Low, Tensor Zero)> Seen => _seen;

    /// <inheritdoc/>
    public Tensor AddTo(string path, Tensor input, Tensor output)
    {
        if (!downs.TryGetValue(path, out var down))
        {
            return output;
        }

        using var scope = NewDisposeScope();
        var low = nn.functional.linear(input.detach().to_type(ScalarType.Float32), down);   // (N, I) -> (N, R)
        var zero = zeros_like(output, requires_grad: true);                                 // (N, O)
        _seen[path] = (low.DetachFromDisposeScope(), zero.DetachFromDisposeScope());
        return (output + zero).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var (low, zero) in _seen.Values)
        {
            low.Dispose();
            zero.Dispose();
        }
    }
}
