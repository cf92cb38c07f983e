using System.Buffers;
using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>
/// Byte-pair encoding of one piece of text (Sennrich et al., <see href="https://arxiv.org/abs/1508.07909"/>):
/// start from bytes or characters and merge the earliest learnt pair until none is left.
/// </summary>
internal sealed class BytePairModel
{
    /// <summary>Stands for a <see cref="BytePairOptions.Marker"/> that was in the text itself; well-formed text cannot hold it.</summary>
    public const char LiteralMarker = '\uDFFF';

    private const int Missing = -1;

    private readonly MergeTable _merges;
    private readonly PieceCache _cache = new();
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly int[] _byteIds = new int[256];
    private readonly int[] _basicIds;
    private readonly Dictionary<int, int> _supplementaryIds = [];
    private readonly bool _byteLevel;
    private readonly bool _byteFallback;
    private readonly bool _fuseUnknown;
    private readonly bool _ignoreMerges;
    private readonly int _unknownId;
    private readonly char? _marker;
    private readonly char? _splitMark;

    public BytePairModel(BytePairOptions options)
    {
        _byteLevel = options.ByteLevel;
        _fuseUnknown = options.FuseUnknown;
        _ignoreMerges = options.IgnoreMerges;
        _unknownId = options.UnknownId ?? Missing;
        _marker = options.Marker;
        _vocabulary = options.Vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _merges = new MergeTable(options.Merges);
        for (var value = 0; value < 256; value++)
        {
            var token = _byteLevel ? ByteAlphabet.ToCharacter((byte)value).ToString() : ByteToken((byte)value);
            _byteIds[value] = options.Vocabulary.GetValueOrDefault(token, Missing);
        }

        _byteFallback = options.ByteFallback && !_byteLevel;
        KeepsLiteralMarkers = _byteFallback && _marker is { } literal && HasBytes(new Rune(literal));
        _basicIds = _byteLevel ? [] : CharacterIds(options.Vocabulary);
        _splitMark = !_byteLevel && !_ignoreMerges && options.Marker is { } mark && NoTokenCrosses(mark, options) ? mark : null;
    }

    /// <summary>Whether a marker in the text itself can be told from one that stands for a space.</summary>
    public bool KeepsLiteralMarkers { get; }

    /// <summary>The name of a byte-fallback token.</summary>
    public static string ByteToken(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>Appends the ids of a piece.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        while (!piece.IsEmpty)
        {
            var length = WordLength(piece);
            EncodeWord(piece[..length], ids);
            piece = piece[length..];
        }
    }

    /// <summary>Appends the ids of a piece and, for each, the index of its first character in the piece.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids, List<int> starts)
    {
        var at = 0;
        while (at < piece.Length)
        {
            var length = WordLength(piece[at..]);
            using Symbols symbols = new(length);
            Merge(piece.Slice(at, length), symbols);
            foreach (var (id, start) in symbols)
            {
                ids.Add(id);
                starts.Add(at + start);
            }

            at += length;
        }
    }

    private static bool NoTokenCrosses(char mark, BytePairOptions options)
    {
        HashSet<int> products = [.. options.Merges.Select(merge => merge.Product)];
        foreach (var (token, id) in options.Vocabulary)
        {
            for (var at = token.IndexOf(mark, 1 <= token.Length ? 1 : 0); at > 0; at = token.IndexOf(mark, at + 1))
            {
                if (token[at - 1] != mark && products.Contains(id))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool HasBytes(Rune rune)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
        {
            if (_byteIds[value] == Missing)
            {
                return false;
            }
        }

        return true;
    }

    private int[] CharacterIds(Dictionary<string, int> vocabulary)
    {
        var basic = new int[char.MaxValue + 1];
        Array.Fill(basic, Missing);
        foreach (var (token, id) in vocabulary)
        {
            if (token.Length == 1)
            {
                basic[token[0]] = id;
            }
            else if (token.Length == 2 && char.IsSurrogatePair(token[0], token[1]))
            {
                _supplementaryIds[char.ConvertToUtf32(token[0], token[1])] = id;
            }
        }

        return basic;
    }

    /// <summary>Up to the next mark that no token crosses: pieces stay short and the cache works for text that is one long piece.</summary>
    private int WordLength(ReadOnlySpan<char> piece)
    {
        if (_splitMark is not { } mark)
        {
            return piece.Length;
        }

        for (var at = 1; at < piece.Length; at++)
        {
            if (piece[at] == mark && piece[at - 1] != mark)
            {
                return at;
            }
        }

        return piece.Length;
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        var cached = PieceCache.Takes(word);
        if (cached && _cache.Find(word) is { } known)
        {
            ids.AddRange(known);
            return;
        }

        using Symbols symbols = new(word.Length);
        Merge(word, symbols);
        ids.AddRange(symbols.Ids);
        if (cached)
        {
            _cache.Store(word, symbols.Ids);
        }
    }

    private void Merge(ReadOnlySpan<char> word, Symbols symbols)
    {
        if (_byteLevel)
        {
            AddBytes(word, symbols);
        }
        else
        {
            AddCharacters(word, symbols);
        }

        if (_ignoreMerges && TryWhole(word, out var whole))
        {
            symbols.Clear();
            symbols.Add(whole, 0);
            return;
        }

        symbols.Merge(_merges);
    }

    private bool TryWhole(ReadOnlySpan<char> word, out int id)
    {
        if (!_byteLevel)
        {
            return _vocabulary.TryGetValue(word, out id);
        }

        var bytes = Encoding.UTF8.GetBytes(word.ToString());
        return _vocabulary.TryGetValue(string.Create(bytes.Length, bytes, static (mapped, from) =>
        {
            for (var i = 0; i < mapped.Length; i++)
            {
                mapped[i] = ByteAlphabet.ToCharacter(from[i]);
            }
        }), out id);
    }

    private void AddBytes(ReadOnlySpan<char> word, Symbols symbols)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < word.Length;)
        {
            if (word[at] < 0x80)
            {
                AddKnown(_byteIds[word[at]], at, symbols);
                at++;
                continue;
            }

            _ = Rune.DecodeFromUtf16(word[at..], out var rune, out var consumed);
            var count = rune.EncodeToUtf8(utf8);
            for (var i = 0; i < count; i++)
            {
                AddKnown(_byteIds[utf8[i]], at, symbols);
            }

            at += consumed;
        }
    }

    private void AddKnown(int id, int start, Symbols symbols)
    {
        if (id != Missing)
        {
            symbols.Add(id, start);
        }
        else if (_unknownId != Missing)
        {
            AddUnknown(start, symbols);
        }
    }

    private void AddUnknown(int start, Symbols symbols)
    {
        if (!_fuseUnknown || symbols.Count == 0 || symbols.Last != _unknownId)
        {
            symbols.Add(_unknownId, start);
        }
    }

    private void AddCharacters(ReadOnlySpan<char> word, Symbols symbols)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < word.Length;)
        {
            var literalMarker = word[at] == LiteralMarker;
            _ = Rune.DecodeFromUtf16(word[at..], out var rune, out var consumed);
            if (literalMarker && _marker is { } marker)
            {
                (rune, consumed) = (new Rune(marker), 1);
            }

            var id = literalMarker ? Missing : rune.IsBmp ? _basicIds[rune.Value] : _supplementaryIds.GetValueOrDefault(rune.Value, Missing);
            if (id == Missing && _byteFallback && HasBytes(rune))
            {
                var count = rune.EncodeToUtf8(utf8);
                for (var i = 0; i < count; i++)
                {
                    symbols.Add(_byteIds[utf8[i]], at);
                }
            }
            else
            {
                AddKnown(id, at, symbols);
            }

            at += consumed;
        }
    }

    /// <summary>The tokens of one word while they merge, in pooled memory.</summary>
    private sealed class Symbols(int characters) : IDisposable
    {
        // One character takes at most three bytes; a surrogate pair takes four.
        private readonly int[] _memory = ArrayPool<int>.Shared.Rent(9 * Math.Max(1, characters));
        private readonly int _capacity = 3 * Math.Max(1, characters);
        private bool _merged;

        public int Count { get; private set; }

        public int Last => _memory[Count - 1];

        public ReadOnlySpan<int> Ids => _memory.AsSpan(0, Count);

        private Span<int> Starts => _memory.AsSpan(_capacity, _capacity);

        private Span<int> Firsts => _memory.AsSpan(2 * _capacity, _capacity);

        public void Add(int id, int start)
        {
            _memory[Count] = id;
            Starts[Count++] = start;
        }

        public void Clear() => Count = 0;

        public void Merge(MergeTable table)
        {
            Count = PieceMerger.Merge(_memory.AsSpan(0, Count), Firsts[..Count], table);
            _merged = true;
        }

        public IEnumerator<(int Id, int Start)> GetEnumerator()
        {
            for (var i = 0; i < Count; i++)
            {
                yield return (_memory[i], _merged ? Starts[Firsts[i]] : Starts[i]);
            }
        }

        public void Dispose() => ArrayPool<int>.Shared.Return(_memory);
    }
}
