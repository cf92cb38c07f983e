using System.Numerics;

namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>What two neighbouring tokens become, and how early: an open-addressing hash table over pairs of ids.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int NoMerge = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] _pairs;
    private readonly (int Rank, int Id)[] _merges;
    private readonly int _shift;

    /// <param name="merges">Pairs with their rank (lower merges first) and product; the first of equal pairs counts.</param>
    public MergeTable(IReadOnlyCollection<(int Left, int Right, int Rank, int Product)> merges)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _pairs = new ulong[size];
        _merges = new (int, int)[size];
        _shift = 64 - BitOperations.Log2(size);
        Array.Fill(_pairs, Empty);
        foreach (var (left, right, rank, product) in merges)
        {
            var pair = Key(left, right);
            var slot = Slot(pair);
            while (_pairs[slot] != Empty && _pairs[slot] != pair)
            {
                slot = (slot + 1) & (_pairs.Length - 1);
            }

            if (_pairs[slot] == Empty)
            {
                _pairs[slot] = pair;
                _merges[slot] = (rank, product);
            }
        }
    }

    /// <summary>The merge of a pair; its rank is <see cref="NoMerge"/> when there is none.</summary>
    public (int Rank, int Id) Find(int left, int right)
    {
        var pair = Key(left, right);
        for (var slot = Slot(pair); ; slot = (slot + 1) & (_pairs.Length - 1))
        {
            var found = _pairs[slot];
            if (found == pair)
            {
                return _merges[slot];
            }

            if (found == Empty)
            {
                return (NoMerge, -1);
            }
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15UL) >> _shift);
}
