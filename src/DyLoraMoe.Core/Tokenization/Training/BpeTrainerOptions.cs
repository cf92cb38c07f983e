using DyLoraMoe.Core.Tokenization.Loading;

namespace DyLoraMoe.Core.Tokenization.Training;

/// <summary>What <see cref="BpeTrainer"/> learns and what it writes beside it.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>How many tokens there are to be: special ones, 256 bytes and merges. The corpus may give fewer.</summary>
    public int VocabularySize { get; init; } = 2048;

    /// <summary>Tokens that never merge with text; they get the first ids, in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>The special token that begins a text, where one does.</summary>
    public string? BosToken { get; init; }

    /// <summary>The special token that ends a text.</summary>
    public string? EosToken { get; init; } = "<|endoftext|>";

    /// <summary>The special token that fills up a batch.</summary>
    public string? PadToken { get; init; } = "<|endoftext|>";

    /// <summary>Whether encoding begins with <see cref="BosToken"/>.</summary>
    public bool AddBos { get; init; }

    /// <summary>A pair seen less often is not merged: it would be noise.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>What text is cut by first. Digits stand alone, which helps arithmetic.</summary>
    public string Pattern { get; init; } = PreTokenizerReader.QwenPattern;

    /// <summary>A Jinja template for conversations, written into <c>tokenizer_config.json</c>.</summary>
    public string? ChatTemplate { get; init; }
}
