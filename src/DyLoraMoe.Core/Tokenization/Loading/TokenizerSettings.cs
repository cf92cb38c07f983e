namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>What the files beside the vocabulary say: <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>, <c>generation_config.json</c> and <c>config.json</c>.</summary>
internal sealed record TokenizerSettings
{
    /// <summary>Nothing said.</summary>
    public static TokenizerSettings None { get; } = new();

    /// <summary>The class that Hugging Face would load, such as <c>LlamaTokenizerFast</c>.</summary>
    public string? TokenizerClass { get; init; }

    /// <summary>The token that begins a text.</summary>
    public string? Bos { get; init; }

    /// <summary>The token that ends a text.</summary>
    public string? Eos { get; init; }

    /// <summary>The token that fills up a batch.</summary>
    public string? Pad { get; init; }

    /// <summary>The token for what has none.</summary>
    public string? Unknown { get; init; }

    /// <summary>Further special tokens.</summary>
    public IReadOnlyList<string> AdditionalSpecial { get; init; } = [];

    /// <summary>Whether encoding begins with <see cref="Bos"/>; null when nothing is said.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether encoding ends with <see cref="Eos"/>; null when nothing is said.</summary>
    public bool? AddEos { get; init; }

    /// <summary>SentencePiece's mark goes in front of every stretch (true) or of the text only (false).</summary>
    public bool Legacy { get; init; } = true;

    /// <summary>The chat template's text.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Texts of special tokens by name, <c>bos_token</c> and the like; null where a file says that there is none.</summary>
    public IReadOnlyDictionary<string, string?> TokenTexts { get; init; } = new Dictionary<string, string?>();

    /// <summary>Tokens of <c>added_tokens_decoder</c> and <c>added_tokens.json</c>.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Ids from <c>generation_config.json</c>, or from <c>config.json</c> where that says nothing.</summary>
    public int? BosId { get; init; }

    /// <summary>Every id that ends a generation.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>The id that fills up a batch.</summary>
    public int? PadId { get; init; }

    /// <summary>Every token named as special.</summary>
    public IEnumerable<string> SpecialTexts
        => ((string?[])[Bos, Eos, Pad, Unknown, .. AdditionalSpecial]).OfType<string>().Where(text => text.Length > 0).Distinct();
}
