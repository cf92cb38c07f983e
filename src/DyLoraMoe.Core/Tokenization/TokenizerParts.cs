using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Normalization;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>The pieces a <see cref="TextTokenizer"/> is made of, whatever file they come from.</summary>
internal sealed record TokenizerParts
{
    /// <summary>The merges.</summary>
    public required BytePairModel Model { get; init; }

    /// <summary>Every token, added ones included.</summary>
    public required TokenTable Tokens { get; init; }

    /// <summary>Tokens found in the text before the model sees it.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Rewrites each stretch between added tokens.</summary>
    public Normalizer? Normalizer { get; init; }

    /// <summary>The same for a stretch that continues other text: nothing is put at its start or taken off there.</summary>
    public Normalizer? ContinuationNormalizer { get; init; }

    /// <summary>Marks spaces after that.</summary>
    public SpaceMarker? Marker { get; init; }

    /// <summary>Cuts a stretch into pieces that merge on their own.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>Ids in front of an encoded text.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Ids behind an encoded text.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>Where decoding takes off the spaces that encoding put in front.</summary>
    public PrefixScheme StripSpace { get; init; }

    /// <summary>How many spaces decoding takes off there.</summary>
    public int StripCount { get; init; } = 1;

    /// <summary>The id that begins a text.</summary>
    public int? BosId { get; init; }

    /// <summary>Ids that end a generation, the main one first.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>The id that fills up a batch.</summary>
    public int? PadId { get; init; }

    /// <summary>The id for what has none.</summary>
    public int? UnknownId { get; init; }

    /// <summary>The chat template's text.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Texts of special tokens under the names by which chat templates know them, such as <c>bos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> TemplateTokens { get; init; } = new Dictionary<string, string>();
}
