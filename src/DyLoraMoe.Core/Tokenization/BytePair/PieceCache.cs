namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>
/// Ids of short pieces seen lately. Direct-mapped, so it never grows, and a slot is one reference, so threads share it without locks.
/// </summary>
internal sealed class PieceCache
{
    private const int Slots = 1 << 15;
    private const int LongestPiece = 48;

    private readonly Entry?[] _entries = new Entry?[Slots];

    public static bool Takes(ReadOnlySpan<char> piece) => piece.Length <= LongestPiece;

    public int[]? Find(ReadOnlySpan<char> piece)
    {
        var entry = Volatile.Read(ref _entries[Slot(piece)]);
        return entry is not null && piece.SequenceEqual(entry.Piece) ? entry.Ids : null;
    }

    public void Store(ReadOnlySpan<char> piece, ReadOnlySpan<int> ids)
        => Volatile.Write(ref _entries[Slot(piece)], new Entry(piece.ToString(), ids.ToArray()));

    private static int Slot(ReadOnlySpan<char> piece)
    {
        var hash = 2166136261u;
        foreach (var character in piece)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return (int)((hash ^ (hash >> 15)) % Slots);
    }

    private sealed record Entry(string Piece, int[] Ids);
}
