using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// The gated feed-forward layer <c>W_down (act(W_gate x) ⊙ W_up x)</c>.
/// See <see href="https://arxiv.org/abs/2002.05202">GLU variants improve transformer</see>.
/// </summary>
/// <remarks>Shapes: B batch, T tokens, D hidden, F feed-forward.</remarks>
internal sealed class FeedForward : nn.Module<Tensor, IProjectionDelta?, Tensor>
{
    [ComponentName(Name = "gate_proj")] private readonly Projection _gate;
    [ComponentName(Name = "up_proj")] private readonly Projection _up;
    [ComponentName(Name = "down_proj")] private readonly Projection _down;
    private readonly FeedForwardActivation _activation;

    public FeedForward(WeightScope weights, ModelConfig config)
        : base(nameof(FeedForward))
    {
        _activation = config.Activation;
        _gate = new Projection(weights.In("gate_proj"), config.HiddenSize, config.IntermediateSize, config.FeedForwardBias);
        _up = new Projection(weights.In("up_proj"), config.HiddenSize, config.IntermediateSize, config.FeedForwardBias);
        _down = new Projection(weights.In("down_proj"), config.IntermediateSize, config.HiddenSize, config.FeedForwardBias);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden, IProjectionDelta? delta)
    {
        using var scope = NewDisposeScope();
        var (gate, up) = (_gate.call(hidden, delta), _up.call(hidden, delta));       // (B, T, D) -> (B, T, F)
        var gated = _activation == FeedForwardActivation.Silu && FewTokens.Are(gate) && FewTokens.Are(up) ? FewTokens.GatedSilu(gate, up) : Activate(gate) * up;
        return _down.call(gated, delta).MoveToOuterDisposeScope();                   // (B, T, F) -> (B, T, D)
    }

    private Tensor Activate(Tensor x) => _activation switch
    {
        FeedForwardActivation.Silu => nn.functional.silu(x),
        FeedForwardActivation.Gelu => nn.functional.gelu(x),
        _ => GeluTanh(x),
    };

    private static Tensor GeluTanh(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inner = (x + (x.pow(3) * 0.044715)) * Math.Sqrt(2 / Math.PI);
        return (x * 0.5 * (inner.tanh() + 1)).MoveToOuterDisposeScope();
    }
}
