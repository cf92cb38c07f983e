using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests;

/// <summary>Two layers under Hugging Face style names, a scale, and a table that is not part of the weights.</summary>
internal sealed class Network : Module<Tensor, Tensor>
{
    [ComponentName(Name = "up_proj")]
    private readonly Linear _up = Linear(3, 4);

    [ComponentName(Name = "down_proj")]
    private readonly Linear _down = Linear(4, 2, hasBias: false);

    [ComponentName(Name = "dropout")]
    private readonly Dropout _dropout = Dropout(0.1);

    [ComponentName(Name = "scale")]
    private readonly Parameter _scale = new(ones(2));

    public Network() : base(nameof(Network))
    {
        register_buffer("counts", zeros(2, dtype: ScalarType.Int64));
        RegisterComponents();
    }

    public Linear Up => _up;

    public Parameter Scale => _scale;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (_down.call(_dropout.call(_up.call(input))) * _scale).MoveToOuterDisposeScope();
    }
}

internal sealed class Holder : Module
{
    public Holder() : base(nameof(Holder))
    {
    }
}
