using System.Buffers;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Tokenizers;

/// <summary>Byte-pair encoding.</summary>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly Dictionary<string, int> _vocabulary = [];
    private readonly Dictionary<int, string> _texts = [];
    private readonly Dictionary<int, string> _specialTexts = [];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Product)> _merges = [];
    private readonly PreTokenizer _preTokenizer;
    private readonly Normalizer? _normalizer;
    private readonly int? _unknownId;
    private readonly (int Id, string Text)? _beginning;
    private readonly (int Id, string Text)? _end;

    private BpeTokenizer(BpeOptions options, IEnumerable<(string Left, string Right)> merges)
    {
        foreach (var (token, id) in options.Vocabulary)
        {
            _vocabulary.Add(token, id);
            _texts.Add(id, token);
        }

        _preTokenizer = options.PreTokenizer ?? PreTokenizer.CreateWordOrNonWord();
        _normalizer = options.Normalizer;
        SpecialTokens = options.SpecialTokens;
        foreach (var (token, id) in options.SpecialTokens ?? ReadOnlyDictionary<string, int>.Empty)
        {
            _specialTexts.Add(id, token);
        }

        ByteLevel = options.ByteLevel;
        FuseUnknownTokens = options.FuseUnknownTokens;
        ContinuingSubwordPrefix = options.ContinuingSubwordPrefix;
        EndOfWordSuffix = options.EndOfWordSuffix;
        UnknownToken = options.UnknownToken;
        _unknownId = UnknownToken is null ? null
            : _vocabulary.TryGetValue(UnknownToken, out var unknown) ? unknown
            : throw new InvalidOperationException($"Unknown Token '{UnknownToken}' was not present in '{nameof(Vocabulary)}'.");
        _beginning = Boundary(options.BeginningOfSentenceToken, "beginning");
        _end = Boundary(options.EndOfSentenceToken, "end");
        foreach (var (left, right) in merges)
        {
            AddMerge(left, right);
        }

        Vocabulary = new ReadOnlyDictionary<string, int>(_vocabulary);
    }

    /// <summary>Tokens that stay whole.</summary>
    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    /// <summary>What a symbol outside the vocabulary becomes.</summary>
    public string? UnknownToken { get; }

    /// <summary>In front of every symbol but the first of a word.</summary>
    public string? ContinuingSubwordPrefix { get; }

    /// <summary>Behind the last symbol of a word.</summary>
    public string? EndOfWordSuffix { get; }

    /// <summary>Whether a run of unknown symbols is one token.</summary>
    public bool FuseUnknownTokens { get; }

    /// <summary>Whether symbols are bytes in GPT-2's alphabet.</summary>
    public bool ByteLevel { get; }

    /// <summary>In front of every encoded text.</summary>
    public string? BeginningOfSentenceToken => _beginning?.Text;

    /// <summary>Token to id.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <inheritdoc />
    public override PreTokenizer? PreTokenizer => _preTokenizer;

    /// <inheritdoc />
    public override Normalizer? Normalizer => _normalizer;

    /// <summary>Makes a tokenizer of files.</summary>
    public static BpeTokenizer Create(string vocabFile, string? mergesFile)
        => Create(vocabFile, mergesFile, PreTokenizer.CreateWordOrNonWord());

    /// <summary>Makes a tokenizer of files.</summary>
    public static BpeTokenizer Create(
        string vocabFile,
        string? mergesFile,
        PreTokenizer? preTokenizer = null,
        Normalizer? normalizer = null,
        IReadOnlyDictionary<string, int>? specialTokens = null,
        string? unknownToken = null,
        string? continuingSubwordPrefix = null,
        string? endOfWordSuffix = null,
        bool fuseUnknownTokens = false)
    {
        ArgumentNullException.ThrowIfNull(vocabFile);
        using var vocabulary = File.OpenRead(vocabFile);
        using var merges = mergesFile is null ? null : File.OpenRead(mergesFile);
        return Create(vocabulary, merges, preTokenizer, normalizer, specialTokens, unknownToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnknownTokens);
    }

    /// <summary>Makes a tokenizer of options.</summary>
    public static BpeTokenizer Create(BpeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Vocabulary.Any())
        {
            throw new InvalidOperationException("The vocabulary cannot be empty.");
        }

        return new BpeTokenizer(options, (options.Merges ?? []).Select(merge => SplitMerge(merge, "Invalid merger file format")));
    }

    /// <summary>Makes a tokenizer of streams.</summary>
    public static BpeTokenizer Create(Stream vocabStream, Stream? mergesStream)
        => Create(vocabStream, mergesStream, PreTokenizer.CreateWordOrNonWord());

    /// <summary>Makes a tokenizer of streams.</summary>
    public static BpeTokenizer Create(
        Stream vocabStream,
        Stream? mergesStream,
        PreTokenizer? preTokenizer = null,
        Normalizer? normalizer = null,
        IReadOnlyDictionary<string, int>? specialTokens = null,
        string? unknownToken = null,
        string? continuingSubwordPrefix = null,
        string? endOfWordSuffix = null,
        bool fuseUnknownTokens = false)
    {
        ArgumentNullException.ThrowIfNull(vocabStream);
        var vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(vocabStream) ?? [];
        return new BpeTokenizer(
            new BpeOptions(vocabulary)
            {
                PreTokenizer = preTokenizer,
                Normalizer = normalizer,
                SpecialTokens = specialTokens,
                UnknownToken = unknownToken,
                ContinuingSubwordPrefix = continuingSubwordPrefix,
                EndOfWordSuffix = endOfWordSuffix,
                FuseUnknownTokens = fuseUnknownTokens,
            },
            mergesStream is null ? [] : ReadMerges(mergesStream));
    }

    /// <summary>Makes a tokenizer of streams.</summary>
    public static async Task<BpeTokenizer> CreateAsync(
        Stream vocabStream,
        Stream? mergesStream,
        PreTokenizer? preTokenizer = null,
        Normalizer? normalizer = null,
        IReadOnlyDictionary<string, int>? specialTokens = null,
        string? unknownToken = null,
        string? continuingSubwordPrefix = null,
        string? endOfWordSuffix = null,
        bool fuseUnknownTokens = false)
    {
        ArgumentNullException.ThrowIfNull(vocabStream);
        using var vocabulary = await ReadAsync(vocabStream).ConfigureAwait(false);
        using var merges = mergesStream is null ? null : await ReadAsync(mergesStream).ConfigureAwait(false);
        return Create(vocabulary, merges, preTokenizer, normalizer, specialTokens, unknownToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnknownTokens);
    }

    /// <inheritdoc />
    public override string Decode(IEnumerable<int> ids) => Decode(ids, considerSpecialTokens: true);

    /// <summary>The text of a sequence of ids, with or without special tokens.</summary>
    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ByteLevel ? DecodeBytes(ids, considerSpecialTokens) : DecodeText(ids, considerSpecialTokens);
    }

    /// <inheritdoc />
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
        => Decode(ids, destination, considerSpecialTokens: true, out idsConsumed, out charsWritten);

    /// <summary>Writes the text of a sequence of ids, as far as it fits.</summary>
    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
        => Utf8Output.Write(
            ids,
            known => ByteLevel && known.Any(id => !_texts.ContainsKey(id) && !_specialTexts.ContainsKey(id)) ? null : Decode(known, considerSpecialTokens),
            destination,
            out idsConsumed,
            out charsWritten);

    /// <inheritdoc />
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (string.IsNullOrEmpty(text) && textSpan.IsEmpty)
        {
            return new EncodeResults<EncodedToken> { Tokens = [] };
        }

        var (words, normalized, length) = Words(text, textSpan, settings);
        List<EncodedToken> tokens = [];
        if (_beginning is { } beginning)
        {
            tokens.Add(new EncodedToken(beginning.Id, beginning.Text, 0..0));
        }

        tokens.AddRange(words.SelectMany(word => word.Tokens));
        if (_end is { } end)
        {
            tokens.Add(new EncodedToken(end.Id, end.Text, length..length));
        }

        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalized, CharsConsumed = length };
    }

    /// <inheritdoc />
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        List<int> ids = [];
        var consumed = Take(text, textSpan, settings, ids, out var normalized);
        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalized, CharsConsumed = consumed };
    }

    /// <inheritdoc />
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        List<int> ids = [];
        Take(text, textSpan, settings, ids, out _);
        return ids.Count;
    }

    /// <inheritdoc />
    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        if (!fromEnd)
        {
            List<int> ids = [];
            var consumed = Take(text, textSpan, settings, ids, out normalizedText);
            tokenCount = ids.Count;
            return consumed;
        }

        RequireSome(settings.MaxTokenCount);
        (normalizedText, tokenCount) = (null, 0);
        if (string.IsNullOrEmpty(text) && textSpan.IsEmpty)
        {
            return 0;
        }

        var (words, normalized, _) = Words(text, textSpan, settings);
        normalizedText = normalized;
        tokenCount = _end is null ? 0 : 1;
        for (var i = words.Count - 1; i >= 0; i--)
        {
            var (offset, length, tokens) = words[i];
            var taken = Math.Min(tokens.Count, Math.Max(0, settings.MaxTokenCount - tokenCount));
            tokenCount += taken;
            if (taken < tokens.Count || tokenCount >= settings.MaxTokenCount)
            {
                return taken == 0 ? offset + length : taken == tokens.Count ? offset : tokens[^taken].Offset.Start.Value;
            }
        }

        tokenCount += _beginning is null || tokenCount >= settings.MaxTokenCount ? 0 : 1;
        return 0;
    }

    /// <summary>Reads a merges file: a pair a line, with one space between.</summary>
    internal static IEnumerable<(string Left, string Right)> ReadMerges(Stream stream)
    {
        using StreamReader reader = new(stream, leaveOpen: true);
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
            {
                yield return SplitMerge(line, $"Invalid merger file format at line: {number}");
            }
        }
    }

    private static (string Left, string Right) SplitMerge(string merge, string complaint)
    {
        var space = merge.IndexOf(' ', StringComparison.Ordinal);
        return space >= 0 && space < merge.Length - 1 && merge.IndexOf(' ', space + 1) < 0
            ? (merge[..space], merge[(space + 1)..])
            : throw new InvalidOperationException(complaint);
    }

    private static async Task<MemoryStream> ReadAsync(Stream stream)
    {
        MemoryStream memory = new();
        await stream.CopyToAsync(memory).ConfigureAwait(false);
        memory.Position = 0;
        return memory;
    }

    private static void RequireSome(int maxTokenCount)
    {
        if (maxTokenCount <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(maxTokenCount), "The maximum number of tokens must be greater than zero.");
        }
    }

    private (int Id, string Text)? Boundary(string? token, string which)
    {
        if (token is null)
        {
            return null;
        }

        var id = 0;
        return _vocabulary.TryGetValue(token, out id) || SpecialTokens?.TryGetValue(token, out id) is true
            ? (id, token)
            : throw new InvalidOperationException($"The {which} of sentence token '{token}' was not present in the vocabulary.");
    }

    private void AddMerge(string left, string right)
    {
        var prefix = ContinuingSubwordPrefix?.Length ?? 0;
        if (right.Length <= prefix)
        {
            throw new InvalidOperationException($"The merge value '{right}' is too short to be merged with a prefix of length {prefix}. This implies that the merge file is either damaged or missing the prefix in its entries.");
        }

        _merges.Add((Id(left), Id(right)), (_merges.Count, Id(left + right[prefix..])));

        int Id(string token) => _vocabulary.TryGetValue(token, out var id)
            ? id
            : throw new InvalidOperationException($"Trying to merge a token '{token}' which not exist in the vocabulary.");
    }

    /// <summary>Encodes up to the limit and gives how many characters that covers.</summary>
    private int Take(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, List<int> ids, out string? normalized)
    {
        RequireSome(settings.MaxTokenCount);
        normalized = null;
        if (string.IsNullOrEmpty(text) && textSpan.IsEmpty)
        {
            return 0;
        }

        (var words, normalized, _) = Words(text, textSpan, settings);
        if (_beginning is { } beginning)
        {
            ids.Add(beginning.Id);
        }

        var consumed = 0;
        foreach (var (offset, length, tokens) in words)
        {
            var taken = Math.Min(tokens.Count, settings.MaxTokenCount - ids.Count);
            ids.AddRange(tokens.Take(taken).Select(token => token.Id));
            consumed = taken < tokens.Count ? tokens[taken].Offset.Start.Value : offset + length;
            if (taken < tokens.Count || ids.Count >= settings.MaxTokenCount)
            {
                break;
            }
        }

        if (_end is { } end && ids.Count < settings.MaxTokenCount)
        {
            ids.Add(end.Id);
        }

        return consumed;
    }

    private (List<(int Offset, int Length, List<EncodedToken> Tokens)> Words, string? Normalized, int Length) Words(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var original = text ?? textSpan.ToString();
        var normalized = settings.ConsiderNormalization ? _normalizer?.Normalize(original) : null;
        var source = normalized ?? original;
        var stretches = settings.ConsiderPreTokenization ? _preTokenizer.PreTokenize(source) : [(0, source.Length)];
        List<(int, int, List<EncodedToken>)> words = [];
        foreach (var (offset, length) in stretches)
        {
            words.Add((offset, length, Word(source.AsSpan(offset, length), offset)));
        }

        return (words, normalized, source.Length);
    }

    private List<EncodedToken> Word(ReadOnlySpan<char> word, int offset)
    {
        if (SpecialTokens is not null && SpecialTokens.TryGetValue(word.ToString(), out var special))
        {
            return [new EncodedToken(special, _specialTexts[special], offset..(offset + word.Length))];
        }

        List<int> sources = [];
        var mapped = ByteLevel ? ByteAlphabet.ToCharacters(word, sources) : word.ToString();
        SymbolChain chain = new(TryJoin);
        AddSymbols(mapped, chain);
        List<EncodedToken> tokens = [];
        foreach (var symbol in chain.Join())
        {
            var end = symbol.Start + symbol.Length;
            var range = ByteLevel ? (offset + sources[symbol.Start])..(offset + sources[end - 1] + 1) : (offset + symbol.Start)..(offset + end);
            tokens.Add(new EncodedToken(symbol.Id, _texts[symbol.Id], range));
        }

        return tokens;
    }

    private bool TryJoin(in SymbolChain.Symbol left, in SymbolChain.Symbol right, out double priority, out int id)
    {
        var found = _merges.TryGetValue((left.Id, right.Id), out var merge);
        (priority, id) = (merge.Rank, merge.Product);
        return found;
    }

    private void AddSymbols(string word, SymbolChain chain)
    {
        (int Start, int Length)? pending = null;
        for (var at = 0; at < word.Length;)
        {
            var length = at + 1 < word.Length && char.IsSurrogatePair(word[at], word[at + 1]) ? 2 : 1;
            var symbol = string.Concat(at > 0 ? ContinuingSubwordPrefix : null, word.AsSpan(at, length), at + length == word.Length ? EndOfWordSuffix : null);
            if (_vocabulary.TryGetValue(symbol, out var id))
            {
                AddUnknown(pending, chain);
                pending = null;
                chain.Add(id, at, length);
            }
            else if (_unknownId is not null)
            {
                if (!FuseUnknownTokens)
                {
                    AddUnknown(pending, chain);
                    pending = null;
                }

                pending = pending is { } run ? (run.Start, run.Length + length) : (at, length);
            }

            at += length;
        }

        AddUnknown(pending, chain);
    }

    private void AddUnknown((int Start, int Length)? run, SymbolChain chain)
    {
        if (run is { } unknown)
        {
            chain.Add(_unknownId!.Value, unknown.Start, unknown.Length);
        }
    }

    private string DecodeBytes(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        List<byte> bytes = [];
        foreach (var id in ids)
        {
            if (_specialTexts.TryGetValue(id, out var special))
            {
                ByteAlphabet.AppendBytes(considerSpecialTokens ? special : string.Empty, bytes);
            }
            else if (_texts.TryGetValue(id, out var text))
            {
                text = EndOfWordSuffix is { } suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;
                text = ContinuingSubwordPrefix is { } prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
                ByteAlphabet.AppendBytes(text, bytes);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private string DecodeText(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        StringBuilder result = new();
        foreach (var id in ids)
        {
            var isSpecial = _specialTexts.TryGetValue(id, out var text);
            isSpecial |= id == _unknownId;
            if (!isSpecial || considerSpecialTokens)
            {
                result.Append(text ?? _texts.GetValueOrDefault(id));
            }
        }

        var decoded = result.ToString();
        if (EndOfWordSuffix is { Length: > 0 } suffix)
        {
            decoded = decoded.EndsWith(suffix, StringComparison.Ordinal) ? decoded[..^suffix.Length] : decoded;
            decoded = decoded.Replace(suffix, " ", StringComparison.Ordinal);
        }

        return ContinuingSubwordPrefix is { Length: > 0 } prefix ? decoded.Replace(prefix, string.Empty, StringComparison.Ordinal) : decoded;
    }
}
