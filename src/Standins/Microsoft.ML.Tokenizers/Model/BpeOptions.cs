using System.Text.Json;

namespace Microsoft.ML.Tokenizers;

/// <summary>What a <see cref="BpeTokenizer"/> is made of.</summary>
public sealed class BpeOptions
{
    /// <summary>Options with a vocabulary.</summary>
    public BpeOptions(IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
    }

    /// <summary>Options with a vocabulary, and merges, from files.</summary>
    public BpeOptions(string vocabFile, string? mergesFile = null)
    {
        ArgumentNullException.ThrowIfNull(vocabFile);
        if (!File.Exists(vocabFile))
        {
            throw new ArgumentException($"Could not find the vocabulary file '{vocabFile}'.", nameof(vocabFile));
        }

        using var vocabulary = File.OpenRead(vocabFile);
        Vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(vocabulary)
            ?? throw new InvalidOperationException($"The content of the vocabulary file '{vocabFile}' is not valid.");
        if (mergesFile is null)
        {
            return;
        }

        if (!File.Exists(mergesFile))
        {
            throw new ArgumentException($"Could not find the merges file '{mergesFile}'.", nameof(mergesFile));
        }

        using var merges = File.OpenRead(mergesFile);
        Merges = [.. BpeTokenizer.ReadMerges(merges).Select(merge => $"{merge.Left} {merge.Right}")];
    }

    /// <summary>Token to id.</summary>
    public IEnumerable<KeyValuePair<string, int>> Vocabulary { get; }

    /// <summary>Pairs with a space between, in order of priority.</summary>
    public IEnumerable<string>? Merges { get; set; }

    /// <summary>Tokens that stay whole and map to these ids.</summary>
    public IReadOnlyDictionary<string, int>? SpecialTokens { get; set; }

    /// <summary>Rewrites the text first.</summary>
    public Normalizer? Normalizer { get; set; }

    /// <summary>Cuts the text; words and non-words when null.</summary>
    public PreTokenizer? PreTokenizer { get; set; }

    /// <summary>What a symbol outside the vocabulary becomes; without it, such symbols vanish.</summary>
    public string? UnknownToken { get; set; }

    /// <summary>Whether a run of unknown symbols is one token.</summary>
    public bool FuseUnknownTokens { get; set; }

    /// <summary>In front of every symbol but the first of a word.</summary>
    public string? ContinuingSubwordPrefix { get; set; }

    /// <summary>Behind the last symbol of a word.</summary>
    public string? EndOfWordSuffix { get; set; }

    /// <summary>Whether symbols are bytes in GPT-2's alphabet.</summary>
    public bool ByteLevel { get; set; }

    /// <summary>In front of every encoded text.</summary>
    public string? BeginningOfSentenceToken { get; set; }

    /// <summary>Behind every encoded text.</summary>
    public string? EndOfSentenceToken { get; set; }
}
