using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Reads <c>vocab.json</c> with <c>merges.txt</c>, the byte-level format of GPT-2 and of Qwen.</summary>
internal static class VocabularyReader
{
    public static TokenizerParts Read(string vocabularyFile, TokenizerSettings settings)
    {
        var mergesFile = Path.Combine(Path.GetDirectoryName(vocabularyFile)!, Path.GetFileName(vocabularyFile).Replace("vocab.json", "merges.txt", StringComparison.Ordinal));
        if (!File.Exists(mergesFile))
        {
            throw new FileNotFoundException($"{vocabularyFile} needs its merges beside it as {Path.GetFileName(mergesFile)}.", mergesFile);
        }

        Dictionary<string, int> vocabulary = [];
        var root = JsonPart.ReadFile(vocabularyFile);
        foreach (var (token, id) in root.Properties())
        {
            PartsBuilder.AddToken(vocabulary, token, id.Integer(), root.Place);
        }

        var isQwen = settings.TokenizerClass?.StartsWith("Qwen2", StringComparison.Ordinal) == true;
        var added = AddedTokens(vocabulary, settings);
        var normalizer = isQwen ? new RewriteNormalizer(CanonicalComposition.Compose) : null;
        var eos = vocabulary.TryGetValue("<|endoftext|>", out var end) ? end : (int?)null;
        return new TokenizerParts
        {
            Model = new BytePairModel(new BytePairOptions { Vocabulary = vocabulary, Merges = ReadMerges(mergesFile, vocabulary), ByteLevel = true }),
            Tokens = PartsBuilder.Tokens(vocabulary, byteLevel: true, byteFallback: false, [], added),
            AddedTokens = added,
            Normalizer = normalizer,
            ContinuationNormalizer = normalizer,
            PreTokenizer = PreTokenizerReader.ByPattern(isQwen ? PreTokenizerReader.QwenPattern : PreTokenizerReader.Gpt2Pattern),
            BosId = isQwen ? null : eos,
            EosIds = eos is { } id2 ? [id2] : [],
        }.WithRoles(settings).WithBoundaries(settings, bosByDefault: false, eosByDefault: false);
    }

    /// <summary>Splits the two halves of a merge; neither holds a space.</summary>
    public static (string Left, string Right) SplitMerge(string merge, string place)
    {
        var space = merge.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space + 1 < merge.Length && merge.IndexOf(' ', space + 1) < 0
            ? (merge[..space], merge[(space + 1)..])
            : throw new InvalidDataException($"{place} should be two tokens with one space between them, but is '{merge}'.");
    }

    private static List<(int Left, int Right, int Rank, int Product)> ReadMerges(string path, Dictionary<string, int> vocabulary)
    {
        List<(int Left, int Right, int Rank, int Product)> merges = [];
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
            {
                var place = $"{Path.GetFileName(path)} line {number}";
                var (left, right) = SplitMerge(line, place);
                PartsBuilder.AddMerge(merges, vocabulary, left, right, place);
            }
        }

        return merges;
    }

    /// <summary>Tokens the settings name, and those of the vocabulary that are written like GPT-2's and ChatML's markers.</summary>
    private static List<AddedToken> AddedTokens(Dictionary<string, int> vocabulary, TokenizerSettings settings)
    {
        Dictionary<string, AddedToken> tokens = settings.AddedTokens.DistinctBy(token => token.Content).ToDictionary(token => token.Content);
        var named = settings.SpecialTexts.ToHashSet();
        foreach (var (token, id) in vocabulary)
        {
            if (named.Contains(token) || (token.Length > 4 && token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal)))
            {
                tokens.TryAdd(token, new AddedToken(token, id) { Special = true });
            }
        }

        return [.. tokens.Values];
    }
}
