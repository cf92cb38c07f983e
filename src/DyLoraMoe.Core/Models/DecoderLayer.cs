using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>One pre-norm transformer layer: attention, then feed-forward, each added to the residual stream.</summary>
/// <remarks>Shapes: B batch, T tokens, D hidden.</remarks>
internal sealed class DecoderLayer : nn.Module<Tensor, LayerPass, Tensor>
{
    [ComponentName(Name = "input_layernorm")] private readonly RmsNorm _attentionNorm;
    [ComponentName(Name = "self_attn")] private readonly Attention _attention;
    [ComponentName(Name = "post_attention_layernorm")] private readonly RmsNorm _feedForwardNorm;
    [ComponentName(Name = "mlp")] private readonly FeedForward _feedForward;

    public DecoderLayer(WeightScope weights, ModelConfig config, int layer)
        : base(nameof(DecoderLayer))
    {
        _attentionNorm = new RmsNorm(weights.In("input_layernorm"), config.HiddenSize, config.NormEpsilon, config.NormGainOffset);
        _attention = new Attention(weights.In("self_attn"), config, layer);
        _feedForwardNorm = new RmsNorm(weights.In("post_attention_layernorm"), config.HiddenSize, config.NormEpsilon, config.NormGainOffset);
        _feedForward = new FeedForward(weights.In("mlp"), config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = hidden + _attention.call(_attentionNorm.call(hidden), pass);                                              // (B, T, D)
        return (attended + _feedForward.call(_feedForwardNorm.call(attended), pass.Delta)).MoveToOuterDisposeScope();            // (B, T, D)
    }
}
