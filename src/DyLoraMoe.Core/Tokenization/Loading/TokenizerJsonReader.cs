using System.Text.Json;
using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Reads <c>tokenizer.json</c>, the format of Hugging Face's tokenizers.</summary>
internal static class TokenizerJsonReader
{
    // Classes whose add_bos_token and add_eos_token replace the file's own post-processor.
    private static readonly string[] BoundaryClasses = ["Llama", "Gemma", "CodeLlama", "Cohere"];

    public static TokenizerParts Read(string path, TokenizerSettings settings)
    {
        var root = JsonPart.ReadFile(path);
        var model = root["model"];
        var type = model["type"].TextOrNull() ?? (model["merges"].IsNull ? "of no stated type" : "BPE");
        if (type != "BPE")
        {
            throw new NotSupportedException($"{root.Place} holds a '{type}' model. Supported: BPE.");
        }

        RefuseUnsupported(model);
        var normalization = NormalizerReader.Read(root["normalizer"]);
        var preTokenization = PreTokenizerReader.Read(root["pre_tokenizer"]);
        var decoder = DecoderReader.Read(root["decoder"]);
        var added = AddedTokens(root["added_tokens"], settings);
        var byteLevel = preTokenization.ByteLevel || decoder.ByteLevel;
        var byteFallback = model["byte_fallback"].Flag(false);
        var vocabulary = Vocabulary(model["vocab"]);
        var replacements = decoder.IsPresent || preTokenization.Marker is not { Mark: not ' ' } marked ? decoder.Replacements : [(marked.Mark.ToString(), " ")];
        var unknown = model["unk_token"].TextOrNull() is { Length: > 0 } token && vocabulary.TryGetValue(token, out var id) ? id : (int?)null;
        var (prefix, suffix) = PostProcessorReader.Read(root["post_processor"]);
        var parts = new TokenizerParts
        {
            Model = new BytePairModel(new BytePairOptions
            {
                Vocabulary = vocabulary,
                Merges = Merges(model["merges"], vocabulary),
                ByteLevel = byteLevel,
                ByteFallback = byteFallback,
                UnknownId = unknown,
                FuseUnknown = model["fuse_unk"].Flag(false),
                IgnoreMerges = model["ignore_merges"].Flag(false),
                Marker = replacements.Where(replacement => replacement is { From.Length: 1, To: " " }).Select(replacement => (char?)replacement.From[0]).FirstOrDefault(),
            }),
            Tokens = PartsBuilder.Tokens(vocabulary, byteLevel, byteFallback, replacements, added),
            AddedTokens = added,
            Normalizer = normalization.Normalizer,
            ContinuationNormalizer = normalization.Continuation,
            Marker = preTokenization.Marker,
            PreTokenizer = preTokenization.PreTokenizer,
            Prefix = prefix,
            Suffix = suffix,
            UnknownId = unknown,
            StripCount = Math.Max(1, decoder.StripCount),
            StripSpace = StripSpace(decoder, normalization.Prepends, preTokenization.Marker),
        }.WithRoles(settings);

        var (bosByDefault, eosByDefault) = (prefix.Count > 0, suffix.Count > 0);
        return (settings.AddBos ?? settings.AddEos) is not null && Array.Exists(BoundaryClasses, name => settings.TokenizerClass?.StartsWith(name, StringComparison.Ordinal) == true)
            ? parts.WithBoundaries(settings, bosByDefault, eosByDefault)
            : parts;
    }

    /// <summary>Spaces are taken off wherever encoding puts them; after added tokens, only our own reading of the decoder does.</summary>
    private static PrefixScheme StripSpace(DecoderReader decoder, bool prepends, SpaceMarker? marker)
        => decoder.IsPresent && decoder.Strip == PrefixScheme.Never ? PrefixScheme.Never
            : prepends || marker is { Mark: not ' ', Prefix: PrefixScheme.Always } ? PrefixScheme.Always
            : marker is { Mark: not ' ', Prefix: PrefixScheme.First } ? PrefixScheme.First
            : decoder.Strip;

    private static void RefuseUnsupported(JsonPart model)
    {
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model[name].TextOrNull() is { Length: > 0 } value)
            {
                throw new NotSupportedException($"{model[name].Place} is '{value}'. BPE models that mark parts of words this way are not supported.");
            }
        }

        if (model["dropout"] is { IsNull: false } dropout && dropout.Raw() is not ("0" or "0.0"))
        {
            throw new NotSupportedException($"{dropout.Place} is {dropout.Raw()}, which makes encoding random. Set it to null.");
        }
    }

    private static Dictionary<string, int> Vocabulary(JsonPart part)
    {
        Dictionary<string, int> vocabulary = [];
        foreach (var (token, id) in part.Properties())
        {
            PartsBuilder.AddToken(vocabulary, token, id.Integer(), part.Place);
        }

        return vocabulary.Count > 0 ? vocabulary : throw part.Wrong("a vocabulary of at least one token");
    }

    private static List<(int Left, int Right, int Rank, int Product)> Merges(JsonPart part, Dictionary<string, int> vocabulary)
    {
        List<(int Left, int Right, int Rank, int Product)> merges = [];
        foreach (var merge in part.Items())
        {
            var (left, right) = merge.Kind == JsonValueKind.Array ? Pair(merge) : VocabularyReader.SplitMerge(merge.Text(), merge.Place);
            PartsBuilder.AddMerge(merges, vocabulary, left, right, merge.Place);
        }

        return merges;
    }

    private static (string Left, string Right) Pair(JsonPart merge)
        => merge.Items().Select(item => item.Text()).ToArray() is [var left, var right] ? (left, right) : throw merge.Wrong("a pair of tokens");

    private static List<AddedToken> AddedTokens(JsonPart part, TokenizerSettings settings)
    {
        List<AddedToken> tokens = [];
        if (!part.IsNull)
        {
            tokens.AddRange(part.Items().Select(item => TokenizerSettingsReader.ReadAddedToken(item, item["id"].Integer(), item)));
        }

        var known = tokens.Select(token => token.Id).ToHashSet();
        tokens.AddRange(settings.AddedTokens.Where(token => !known.Contains(token.Id)));
        return tokens;
    }
}
