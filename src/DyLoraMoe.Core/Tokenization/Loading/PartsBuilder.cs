using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Tokenization.BytePair;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>What the readers share: checks of vocabulary and merges, the token table, and the roles of special tokens.</summary>
internal static class PartsBuilder
{
    private const int LargestVocabulary = 4 << 20;
    private const int MostMerges = 16 << 20;
    private const int LongestToken = 1 << 16;

    // What these tokens are called where no file says which they are.
    private static readonly string[] UsualBos = ["<s>", "<bos>", "<|begin_of_text|>"];
    private static readonly string[] UsualEos = ["</s>", "<eos>", "<|end_of_text|>", "<|endoftext|>"];

    /// <summary>Adds one token, checked.</summary>
    public static void AddToken(Dictionary<string, int> vocabulary, string token, int id, string place)
    {
        if (id is < 0 or > TokenizerSettingsReader.LargestId)
        {
            throw new InvalidDataException($"{place} gives the id {id}; ids from 0 to {TokenizerSettingsReader.LargestId} are read.");
        }

        if (token.Length > LongestToken || vocabulary.Count >= LargestVocabulary)
        {
            throw new InvalidDataException($"{place}: at most {LargestVocabulary} tokens of at most {LongestToken} characters are read.");
        }

        vocabulary[token] = id;
    }

    /// <summary>Turns a pair of tokens into one of ids.</summary>
    public static void AddMerge(List<(int Left, int Right, int Rank, int Product)> merges, Dictionary<string, int> vocabulary, string left, string right, string place)
    {
        if (merges.Count >= MostMerges)
        {
            throw new InvalidDataException($"{place}: at most {MostMerges} merges are read.");
        }

        merges.Add((Id(left), Id(right), merges.Count, Id(left + right)));

        int Id(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw new InvalidDataException($"{place} merges '{left}' and '{right}', but the vocabulary has no '{token}'.");
    }

    /// <summary>Tokens and the bytes they decode to.</summary>
    public static TokenTable Tokens(Dictionary<string, int> vocabulary, bool byteLevel, bool byteFallback, IReadOnlyList<(string From, string To)> replacements, IReadOnlyList<AddedToken> added)
    {
        TokenTable tokens = new();
        foreach (var (token, id) in vocabulary)
        {
            tokens.SetPlain(id, token, PlainBytes(token, byteLevel, byteFallback, replacements));
        }

        foreach (var token in added)
        {
            tokens.SetAdded(token.Id, token.Content, token.Special, byteLevel || token.Special ? null : PlainBytes(token.Content, false, byteFallback, replacements));
        }

        return tokens;
    }

    /// <summary>Fills in the roles that special tokens play, as the settings and the vocabulary say.</summary>
    public static TokenizerParts WithRoles(this TokenizerParts parts, TokenizerSettings settings)
    {
        Dictionary<string, int> ids = [];
        for (var id = 0; id < parts.Tokens.Count; id++)
        {
            if (parts.Tokens.Text(id) is { } text)
            {
                ids.TryAdd(text, id);
            }
        }

        int? IdOf(string? token) => token is not null && ids.TryGetValue(token, out var id) ? id : null;
        int? Usual(string[] names) => parts.AddedTokens.FirstOrDefault(token => token.Special && names.Contains(token.Content))?.Id;
        List<int> eos = [.. ((int?[])[IdOf(settings.Eos)]).OfType<int>(), .. settings.EosIds];
        if (eos.Count == 0)
        {
            eos.AddRange(parts.EosIds.Count > 0 ? parts.EosIds : ((int?[])[Usual(UsualEos)]).OfType<int>());
        }

        var result = parts with
        {
            BosId = IdOf(settings.Bos) ?? settings.BosId ?? parts.BosId ?? Usual(UsualBos),
            EosIds = [.. eos.Distinct()],
            PadId = IdOf(settings.Pad) ?? settings.PadId ?? parts.PadId,
            UnknownId = IdOf(settings.Unknown) ?? parts.UnknownId,
            ChatTemplate = settings.ChatTemplate,
        };
        return result with { TemplateTokens = TemplateTokens(result, settings) };
    }

    /// <summary>The classes whose <c>add_bos_token</c> and <c>add_eos_token</c> count whatever the vocabulary file says.</summary>
    public static TokenizerParts WithBoundaries(this TokenizerParts parts, TokenizerSettings settings, bool bosByDefault, bool eosByDefault)
        => parts with
        {
            Prefix = (settings.AddBos ?? bosByDefault) && parts.BosId is { } bos ? [bos] : [],
            Suffix = (settings.AddEos ?? eosByDefault) && parts.EosIds is [var eos, ..] ? [eos] : [],
        };

    /// <summary>As the settings say; a token that no file names goes by the part it plays.</summary>
    private static Dictionary<string, string> TemplateTokens(TokenizerParts parts, TokenizerSettings settings)
    {
        Dictionary<string, string?> texts = new(settings.TokenTexts);
        foreach (var (name, id) in ((string, int?)[])[("bos_token", parts.BosId), ("eos_token", parts.EosIds is [var eos, ..] ? eos : null), ("pad_token", parts.PadId), ("unk_token", parts.UnknownId)])
        {
            texts.TryAdd(name, id is { } known ? parts.Tokens.Text(known) : null);
        }

        return texts.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }

    private static byte[] PlainBytes(string token, bool byteLevel, bool byteFallback, IReadOnlyList<(string From, string To)> replacements)
    {
        if (byteLevel)
        {
            return ByteAlphabet.ToBytes(token) ?? Encoding.UTF8.GetBytes(token);
        }

        if (byteFallback && token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return [value];
        }

        foreach (var (from, to) in replacements)
        {
            token = token.Replace(from, to, StringComparison.Ordinal);
        }

        return Encoding.UTF8.GetBytes(token);
    }
}
