using System.Buffers;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Tokenizes with a SentencePiece model.</summary>
public class SentencePieceTokenizer : Tokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly Dictionary<string, int> _vocabulary = [];
    private readonly Dictionary<int, string> _specialTexts = [];
    private readonly Regex? _special;
    private readonly int _firstByte = -1;
    private readonly int _lastByte = -1;

    internal SentencePieceTokenizer(SentencePieceModel model, bool addBeginningOfSentence, bool addEndOfSentence, IReadOnlyDictionary<string, int>? specialTokens)
    {
        _model = model;
        AddBeginningOfSentence = addBeginningOfSentence;
        AddEndOfSentence = addEndOfSentence;
        SpecialTokens = specialTokens;
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            _vocabulary.Add(model.Pieces[id].Text, id);
            _lastByte = model.Pieces[id].Kind == SentencePieceModel.BytePiece ? id : _lastByte;
        }

        _firstByte = _vocabulary.GetValueOrDefault("<0x00>", _lastByte);
        Vocabulary = new ReadOnlyDictionary<string, int>(_vocabulary);
        if (specialTokens is { Count: > 0 })
        {
            _special = new Regex(string.Join('|', specialTokens.Keys.Select(Regex.Escape)), RegexOptions.Compiled);
            foreach (var (token, id) in specialTokens)
            {
                _specialTexts.Add(id, token);
            }
        }

        _normalizer = new SentencePieceNormalizer(model.RemoveExtraWhitespaces, model.AddDummyPrefix, model.EscapeWhitespaces, model.TreatWhitespaceAsSuffix, specialTokens);
    }

    /// <summary>Tokens added to the model's own.</summary>
    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    /// <summary>Whether unknown characters become their bytes.</summary>
    public bool ByteFallback => _model.ByteFallback;

    /// <summary>Whether a mark is put in front of the text.</summary>
    public bool AddDummyPrefix => _model.AddDummyPrefix;

    /// <summary>Whether spaces become U+2581.</summary>
    public bool EscapeWhiteSpaces => _model.EscapeWhitespaces;

    /// <summary>Whether the mark goes behind the text instead.</summary>
    public bool TreatWhitespaceAsSuffix => _model.TreatWhitespaceAsSuffix;

    /// <summary>Whether encoding begins with <see cref="BeginningOfSentenceToken"/>.</summary>
    public bool AddBeginningOfSentence { get; }

    /// <summary>Whether encoding ends with <see cref="EndOfSentenceToken"/>.</summary>
    public bool AddEndOfSentence { get; }

    /// <summary>The token that begins a text.</summary>
    public string BeginningOfSentenceToken => _model.BeginningPiece;

    /// <summary>The token that ends a text.</summary>
    public string EndOfSentenceToken => _model.EndPiece;

    /// <summary>The token for what has none.</summary>
    public string UnknownToken => _model.UnknownPiece;

    /// <summary>The id that begins a text.</summary>
    public int BeginningOfSentenceId => _model.BeginningId;

    /// <summary>The id that ends a text.</summary>
    public int EndOfSentenceId => _model.EndId;

    /// <summary>The id for what has none.</summary>
    public int UnknownId => _model.UnknownId;

    /// <summary>Token to id.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <inheritdoc />
    public override PreTokenizer? PreTokenizer => null;

    /// <inheritdoc />
    public override Normalizer? Normalizer => _normalizer;

    /// <summary>Reads a SentencePiece model.</summary>
    public static SentencePieceTokenizer Create(
        Stream modelStream,
        bool addBeginningOfSentence = true,
        bool addEndOfSentence = false,
        IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        var model = SentencePieceModel.Read(modelStream);
        return model.ModelType == SentencePieceModel.BytePair
            ? new SentencePieceTokenizer(model, addBeginningOfSentence, addEndOfSentence, specialTokens)
            : throw new ArgumentException($"The model type '{model.ModelType}' is not supported; only BPE ({SentencePieceModel.BytePair}) is.", nameof(modelStream));
    }

    /// <summary>Tokens of a text, with their offsets.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(string text, out string? normalizedText, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToTokens(text.AsSpan(), out normalizedText, addBeginningOfSentence, addEndOfSentence, considerPreTokenization, considerNormalization);

    /// <summary>Tokens of a text, with their offsets.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(ReadOnlySpan<char> text, out string? normalizedText, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => [.. Groups(text, addBeginningOfSentence, addEndOfSentence, considerNormalization, out normalizedText, out _).SelectMany(group => group)];

    /// <summary>Ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToIds(text.AsSpan(), addBeginningOfSentence, addEndOfSentence, considerPreTokenization, considerNormalization);

    /// <summary>Ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => Take(text, addBeginningOfSentence, addEndOfSentence, int.MaxValue, considerNormalization, out _, out _);

    /// <summary>At most <paramref name="maxTokenCount"/> ids of a text, and how far they reach.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
        => Take(text.AsSpan(), addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out charsConsumed);

    /// <summary>At most <paramref name="maxTokenCount"/> ids of a text, and how far they reach.</summary>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
        => Take(text, addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out charsConsumed);

    /// <summary>How many tokens a text takes.</summary>
    public int CountTokens(string text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToIds(text, addBeginningOfSentence, addEndOfSentence, considerPreTokenization, considerNormalization).Count;

    /// <summary>How many tokens a text takes.</summary>
    public int CountTokens(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToIds(text, addBeginningOfSentence, addEndOfSentence, considerPreTokenization, considerNormalization).Count;

    /// <summary>How many tokens a text takes, up to a limit, and how far they reach.</summary>
    public int CountTokens(string text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization, bool considerNormalization, out string? normalizedText, out int charsConsumed, int maxTokenCount = int.MaxValue)
        => Take(text.AsSpan(), addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out charsConsumed).Count;

    /// <summary>How many tokens a text takes, up to a limit, and how far they reach.</summary>
    public int CountTokens(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization, bool considerNormalization, out string? normalizedText, out int charsConsumed, int maxTokenCount = int.MaxValue)
        => Take(text, addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out charsConsumed).Count;

    /// <summary>Where the longest start of a text ends that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCount(string text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
        => GetIndexByTokenCount(text.AsSpan(), addBeginningOfSentence, addEndOfSentence, maxTokenCount, out normalizedText, out tokenCount, considerPreTokenization, considerNormalization);

    /// <summary>Where the longest start of a text ends that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCount(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        tokenCount = Take(text, addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out var consumed).Count;
        return consumed;
    }

    /// <summary>Where the longest end of a text starts that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCountFromEnd(string text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, bool considerNormalization, out string? normalizedText, out int tokenCount)
        => GetIndexByTokenCountFromEnd(text.AsSpan(), addBeginningOfSentence, addEndOfSentence, maxTokenCount, considerNormalization, out normalizedText, out tokenCount);

    /// <summary>Where the longest end of a text starts that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCountFromEnd(ReadOnlySpan<char> text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, bool considerNormalization, out string? normalizedText, out int tokenCount)
    {
        RequireSome(maxTokenCount);
        var groups = Groups(text, false, false, considerNormalization, out normalizedText, out var index);
        tokenCount = addEndOfSentence && groups.Count > 0 ? 1 : 0;
        for (var i = groups.Count - 1; i >= 0; i--)
        {
            if (tokenCount + groups[i].Length > maxTokenCount)
            {
                return index;
            }

            tokenCount += groups[i].Length;
            index = groups[i][0].Offset.Start.Value;
        }

        tokenCount += addBeginningOfSentence && groups.Count > 0 && tokenCount < maxTokenCount ? 1 : 0;
        return index;
    }

    /// <inheritdoc />
    public override string Decode(IEnumerable<int> ids) => Decode(ids, considerSpecialTokens: false);

    /// <summary>The text of a sequence of ids, with or without special tokens.</summary>
    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<byte> bytes = [];
        var mark = EscapeWhiteSpaces ? SentencePieceNormalizer.Mark : ' ';
        var isFirst = AddDummyPrefix && !TreatWhitespaceAsSuffix;
        var suffix = -1;
        foreach (var id in ids)
        {
            if (SpecialText(id) is { } special)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(considerSpecialTokens ? special : string.Empty));
            }
            else if (ByteFallback && id >= _firstByte && id <= _lastByte)
            {
                bytes.Add((byte)(id - _firstByte));
            }
            else if (id >= 0 && id < _model.Pieces.Count && _model.Pieces[id].Text is { Length: > 0 } piece)
            {
                var text = isFirst && piece[0] == mark ? piece[1..] : piece;
                isFirst = false;
                bytes.AddRange(Encoding.UTF8.GetBytes(text));
                suffix = AddDummyPrefix && TreatWhitespaceAsSuffix && piece[^1] == mark ? bytes.Count - Encoding.UTF8.GetByteCount([mark]) : suffix;
            }
        }

        if (suffix >= 0)
        {
            bytes.RemoveRange(suffix, Encoding.UTF8.GetByteCount([mark]));
        }

        var decoded = Encoding.UTF8.GetString([.. bytes]);
        return EscapeWhiteSpaces ? decoded.Replace(SentencePieceNormalizer.Mark, ' ') : decoded;
    }

    /// <inheritdoc />
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
        => Decode(ids, destination, considerSpecialTokens: false, out idsConsumed, out charsWritten);

    /// <summary>Writes the text of a sequence of ids, as far as it fits.</summary>
    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
        => Utf8Output.Write(ids, known => Decode(known, considerSpecialTokens), destination, out idsConsumed, out charsWritten);

    /// <inheritdoc />
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var source = text is null ? textSpan : text.AsSpan();
        var tokens = EncodeToTokens(source, out var normalized, AddBeginningOfSentence, AddEndOfSentence, settings.ConsiderPreTokenization, settings.ConsiderNormalization);
        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalized, CharsConsumed = normalized?.Length ?? source.Length };
    }

    /// <inheritdoc />
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var ids = Take(text is null ? textSpan : text.AsSpan(), AddBeginningOfSentence, AddEndOfSentence, settings.MaxTokenCount, settings.ConsiderNormalization, out var normalized, out var consumed);
        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalized, CharsConsumed = consumed };
    }

    /// <inheritdoc />
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
        => EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc />
    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var source = text is null ? textSpan : text.AsSpan();
        return fromEnd
            ? GetIndexByTokenCountFromEnd(source, AddBeginningOfSentence, AddEndOfSentence, settings.MaxTokenCount, settings.ConsiderNormalization, out normalizedText, out tokenCount)
            : GetIndexByTokenCount(source, AddBeginningOfSentence, AddEndOfSentence, settings.MaxTokenCount, out normalizedText, out tokenCount, settings.ConsiderPreTokenization, settings.ConsiderNormalization);
    }

    private static void RequireSome(int maxTokenCount)
    {
        if (maxTokenCount <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(maxTokenCount), "The maximum number of tokens must be greater than zero.");
        }
    }

    private List<int> Take(ReadOnlySpan<char> text, bool addBeginning, bool addEnd, int maxTokenCount, bool considerNormalization, out string? normalized, out int consumed)
    {
        RequireSome(maxTokenCount);
        List<int> ids = [];
        consumed = 0;
        foreach (var group in Groups(text, addBeginning, addEnd, considerNormalization, out normalized, out _))
        {
            if (ids.Count + group.Length > maxTokenCount)
            {
                break;
            }

            ids.AddRange(group.Select(token => token.Id));
            consumed = group[0].Offset.End.Value;
        }

        return ids;
    }

    /// <summary>The tokens of a text; the bytes of one character are a group.</summary>
    private List<EncodedToken[]> Groups(ReadOnlySpan<char> text, bool addBeginning, bool addEnd, bool considerNormalization, out string? normalized, out int length)
    {
        normalized = considerNormalization && !text.IsEmpty ? _normalizer.Normalize(text) : null;
        var source = normalized ?? text.ToString();
        length = source.Length;
        List<EncodedToken[]> groups = [];
        if (source.Length == 0)
        {
            return groups;
        }

        if (addBeginning)
        {
            groups.Add([new EncodedToken(BeginningOfSentenceId, BeginningOfSentenceToken, 0..0)]);
        }

        var start = 0;
        if (_special is not null)
        {
            foreach (var match in _special.EnumerateMatches(source))
            {
                AddGroups(source, start, match.Index, groups);
                start = match.Index + match.Length;
                var token = source[match.Index..start];
                groups.Add([new EncodedToken(SpecialTokens![token], token, match.Index..start)]);
            }
        }

        AddGroups(source, start, source.Length, groups);
        if (addEnd)
        {
            groups.Add([new EncodedToken(EndOfSentenceId, EndOfSentenceToken, source.Length..source.Length)]);
        }

        return groups;
    }

    private void AddGroups(string source, int start, int end, List<EncodedToken[]> groups)
    {
        Dictionary<(int Start, int Length), int> cuts = [];
        var lookup = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        SymbolChain chain = new((in SymbolChain.Symbol left, in SymbolChain.Symbol right, out double priority, out int id) =>
        {
            var found = lookup.TryGetValue(source.AsSpan(left.Start, left.Length + right.Length), out id);
            priority = found ? -_model.Pieces[id].Score : 0;
            if (found && _model.Pieces[id].Kind == SentencePieceModel.UnusedPiece)
            {
                cuts[(left.Start, left.Length + right.Length)] = left.Length;
            }

            return found;
        });
        for (var at = start; at < end;)
        {
            var length = at + 1 < end && char.IsSurrogatePair(source[at], source[at + 1]) ? 2 : 1;
            chain.Add(0, at, length);
            at += length;
        }

        foreach (var symbol in chain.Join())
        {
            AddPiece(source, symbol.Start, symbol.Length, cuts, groups);
        }
    }

    private void AddPiece(string source, int start, int length, Dictionary<(int Start, int Length), int> cuts, List<EncodedToken[]> groups)
    {
        var text = source.Substring(start, length);
        var id = _vocabulary.GetValueOrDefault(text, UnknownId);
        if (_model.Pieces[id].Kind == SentencePieceModel.UnusedPiece && cuts.TryGetValue((start, length), out var left))
        {
            AddPiece(source, start, left, cuts, groups);
            AddPiece(source, start + left, length - left, cuts, groups);
        }
        else if (id == UnknownId && ByteFallback)
        {
            groups.Add([.. Encoding.UTF8.GetBytes(text).Select((value, index) =>
                new EncodedToken(_firstByte + value, _model.Pieces[_firstByte + value].Text, index == 0 ? start..(start + length) : start..start))]);
        }
        else
        {
            groups.Add([new EncodedToken(id, _model.Pieces[id].Text, start..(start + length))]);
        }
    }

    private string? SpecialText(int id)
        => id == BeginningOfSentenceId ? BeginningOfSentenceToken
            : id == EndOfSentenceId ? EndOfSentenceToken
            : id == UnknownId ? UnknownToken
            : _specialTexts.GetValueOrDefault(id);
}
