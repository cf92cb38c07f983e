using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>
/// More token ids. The only operator that is not exact: old logits stay as they are, but new ones stand beside them, and what the softmax
/// gives to those it takes from the others. A new token starts from the mean of the pieces that spelt it before, or of all tokens.
/// </summary>
/// <param name="To">Number of ids afterwards.</param>
/// <param name="Variant">How new rows start; the third seed's are zero.</param>
public sealed record ExtendVocabulary(int To, GrowthVariant Variant = GrowthVariant.RandomReaders) : IGrowthOperator
{
    /// <summary>For every new token the old ids that spelt it before; null for the mean of all.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Pieces { get; init; }

    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        GrowthStep.RequireLarger("the vocabulary", config.VocabularySize, To);
        if (Pieces is not null && (Pieces.Count != To - config.VocabularySize || Pieces.Any(pieces => pieces.Count == 0 || pieces.Any(piece => piece < 0 || piece >= config.VocabularySize))))
        {
            throw new GrowthRefusedException($"found pieces of {Pieces.Count} new tokens, expected at least one id from 0 to {config.VocabularySize - 1} for each of {To - config.VocabularySize}");
        }

        return GrowthStep.Along(
            $"vocabulary {config.VocabularySize} -> {To}",
            config,
            config with { VocabularySize = To },
            new Dictionary<WeightAxis, AxisMap> { [WeightAxis.Vocabulary] = AxisMap.Append(config.VocabularySize, To - config.VocabularySize) },
            (_, growth) => growth with
            {
                Fill = Variant == GrowthVariant.ZeroPadded ? GrowthFill.Zero : GrowthFill.Mean,
                Pieces = Pieces,
                Arrival = GradientArrival.AtOnce,
            }) with
        {
            IsExact = false,
            Note = "approximate: old logits stay, new ones take their share of the softmax; an embedding learns when its token is seen",
        };
    }
}
