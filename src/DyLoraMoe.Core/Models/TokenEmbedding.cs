using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>One learned vector per token id, scaled where the family asks for it.</summary>
/// <remarks>Shapes: B batch, T tokens, V vocabulary, D hidden.</remarks>
internal sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    private readonly double _scale;

    public TokenEmbedding(WeightScope weights, ModelConfig config)
        : base(nameof(TokenEmbedding))
    {
        _weight = weights.Take("weight", config.VocabularySize, config.HiddenSize);
        // Rounded to the model's type, as the reference does: in bfloat16 the root of 3,072 is 55.5.
        using var scale = tensor(config.EmbeddingScale, _weight.dtype);
        _scale = scale.to_type(ScalarType.Float64).item<double>();
        RegisterComponents();
    }

    public Parameter Weight => _weight;

    public override Tensor forward(Tensor inputIds)
    {
        using var scope = NewDisposeScope();
        var vectors = _weight.index_select(0, inputIds.reshape(-1)).view(inputIds.shape[0], inputIds.shape[1], -1);   // (B, T) -> (B, T, D)
        return (_scale == 1 ? vectors : vectors * _scale).MoveToOuterDisposeScope();
    }
}
