using System.Text.RegularExpressions;
using DyLoraMoe.Core.Tokenization.BytePair;
using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Makes a tokenizer of a SentencePiece byte-pair model: any two neighbours whose join is a piece merge, best score first.</summary>
internal static partial class SentencePieceReader
{
    private const char Mark = SpaceMarker.LowerBlock;

    public static TokenizerParts Read(string path, TokenizerSettings settings)
    {
        var file = SentencePieceFile.Read(path);
        Dictionary<string, int> vocabulary = [];
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            PartsBuilder.AddToken(vocabulary, file.Pieces[id].Text, id, path);
        }

        var added = AddedTokens(file, settings);
        var prefix = !file.AddDummyPrefix ? PrefixScheme.Never : settings.Legacy ? PrefixScheme.Always : PrefixScheme.First;
        return new TokenizerParts
        {
            Model = new BytePairModel(new BytePairOptions
            {
                Vocabulary = vocabulary,
                Merges = Merges(file, vocabulary),
                ByteFallback = file.ByteFallback,
                UnknownId = file.UnknownId,
                FuseUnknown = true,
                Marker = Mark,
            }),
            Tokens = PartsBuilder.Tokens(vocabulary, byteLevel: false, file.ByteFallback, [(Mark.ToString(), " ")], added),
            AddedTokens = added,
            Normalizer = Normalizer(file.RemoveExtraWhitespaces, prefix == PrefixScheme.Always),
            ContinuationNormalizer = Normalizer(file.RemoveExtraWhitespaces, prepend: false, trimStart: false),
            Marker = new SpaceMarker(Mark, prefix == PrefixScheme.First ? prefix : PrefixScheme.Never),
            StripSpace = prefix,
            BosId = Present(file.BosId, file),
            EosIds = Present(file.EosId, file) is { } eos ? [eos] : [],
            PadId = Present(file.PadId, file),
            UnknownId = Present(file.UnknownId, file),
        }.WithRoles(settings).WithBoundaries(settings, bosByDefault: true, eosByDefault: false);
    }

    private static int? Present(int id, SentencePieceFile file) => id >= 0 && id < file.Pieces.Count ? id : null;

    private static RewriteNormalizer Normalizer(bool removeExtra, bool prepend, bool trimStart = true) => new(text =>
    {
        var clean = removeExtra ? ManySpaces().Replace(trimStart ? text.Trim(' ') : text.TrimEnd(' '), " ") : text;
        var marked = clean.Replace(' ', Mark);
        return prepend && marked.Length > 0 ? Mark + marked : marked;
    });

    [GeneratedRegex("  +")]
    private static partial Regex ManySpaces();

    private static List<AddedToken> AddedTokens(SentencePieceFile file, TokenizerSettings settings)
    {
        Dictionary<int, AddedToken> tokens = [];
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, _, kind) = file.Pieces[id];
            if (kind is PieceKind.Unknown or PieceKind.Control or PieceKind.UserDefined)
            {
                tokens[id] = new AddedToken(text, id) { Special = kind != PieceKind.UserDefined };
            }
        }

        foreach (var token in settings.AddedTokens)
        {
            tokens[token.Id] = token;
        }

        return [.. tokens.Values];
    }

    /// <summary>Every way to cut a piece in two pieces, ranked by the score of the whole; equal scores share a rank and merge leftmost first.</summary>
    private static List<(int Left, int Right, int Rank, int Product)> Merges(SentencePieceFile file, Dictionary<string, int> vocabulary)
    {
        var mergeable = Enumerable.Range(0, file.Pieces.Count)
            .Where(id => file.Pieces[id].Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused)
            .OrderByDescending(id => file.Pieces[id].Score)
            .ToList();
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(int Left, int Right, int Rank, int Product)> merges = [];
        var rank = -1;
        var score = float.NaN;
        foreach (var product in mergeable)
        {
            var (text, ownScore, _) = file.Pieces[product];
            rank += ownScore == score ? 0 : 1;
            score = ownScore;
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (lookup.TryGetValue(text.AsSpan(0, cut), out var left) && lookup.TryGetValue(text.AsSpan(cut), out var right))
                {
                    merges.Add((left, right, rank, product));
                }
            }
        }

        return merges;
    }
}
