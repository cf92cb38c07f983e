using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// <c>y = x / sqrt(mean(x²) + ε) · (gain + offset)</c> over the last dimension, computed in float32.
/// See <see href="https://arxiv.org/abs/1910.07467">Root Mean Square Layer Normalization</see>.
/// </summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _gain;
    private readonly double _epsilon;
    private readonly double _offset;

    /// <summary>Takes the norm's gain.</summary>
    /// <param name="weights">The norm's place.</param>
    /// <param name="width">Extent of the last dimension.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="offset">Added to the gain; 1 for Gemma.</param>
    public RmsNorm(WeightScope weights, long width, double epsilon, double offset = 0)
        : base(nameof(RmsNorm))
    {
        ArgumentNullException.ThrowIfNull(weights);
        _gain = weights.Take("weight", width);
        _epsilon = epsilon;
        _offset = offset;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (FewTokens.Are(input) && FewRows.IsPlain(_gain))
        {
            return FewTokens.Norm(input, _gain, _epsilon, _offset);
        }

        using var scope = NewDisposeScope();
        var x = input.to_type(ScalarType.Float32);
        var scale = (x.square().mean([-1], keepdim: true) + _epsilon).rsqrt();
        var normal = x * scale;
        if (_offset != 0)
        {
            // Gemma multiplies before it rounds back to the model's type.
            return (normal * (_gain.to_type(ScalarType.Float32) + _offset)).to_type(input.dtype).MoveToOuterDisposeScope();
        }

        return (_gain * normal.to_type(input.dtype)).MoveToOuterDisposeScope();
    }
}
