using System.Buffers;

namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>
/// Byte-pair merging: again and again the pair of least rank, leftmost first.
/// Short pieces by scanning, long ones with a heap over a linked list, so time is n log n however long a piece is.
/// </summary>
internal static class PieceMerger
{
    private const int LongestScan = 24;

    /// <summary>
    /// Merges in place. The tokens that remain are the first <c>n</c> of <paramref name="ids"/>, and each one's
    /// first symbol before merging is beside it in <paramref name="firsts"/>.
    /// </summary>
    /// <returns>How many tokens remain.</returns>
    public static int Merge(Span<int> ids, Span<int> firsts, MergeTable table)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            firsts[i] = i;
        }

        return ids.Length <= LongestScan ? Scan(ids, firsts, table) : MergeByHeap(ids, firsts, table);
    }

    private static int Scan(Span<int> ids, Span<int> firsts, MergeTable table)
    {
        Span<int> ranks = stackalloc int[LongestScan];
        Span<int> products = stackalloc int[LongestScan];
        var count = ids.Length;
        for (var i = 0; i + 1 < count; i++)
        {
            (ranks[i], products[i]) = table.Find(ids[i], ids[i + 1]);
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == MergeTable.NoMerge)
            {
                break;
            }

            ids[best] = products[best];
            ids[(best + 2)..count].CopyTo(ids[(best + 1)..]);
            firsts[(best + 2)..count].CopyTo(firsts[(best + 1)..]);
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            products[(best + 1)..count].CopyTo(products[best..]);
            count--;
            if (best > 0)
            {
                (ranks[best - 1], products[best - 1]) = table.Find(ids[best - 1], ids[best]);
            }

            if (best + 1 < count)
            {
                (ranks[best], products[best]) = table.Find(ids[best], ids[best + 1]);
            }
        }

        return count;
    }

    private static int MergeByHeap(Span<int> ids, Span<int> firsts, MergeTable table)
    {
        var length = ids.Length;
        var rented = ArrayPool<int>.Shared.Rent(4 * length);
        var previous = rented.AsSpan(0, length);
        var next = rented.AsSpan(length, length);
        var ranks = rented.AsSpan(2 * length, length);
        var products = rented.AsSpan(3 * length, length);

        // Every merge takes one entry out and puts at most two in, and there are fewer merges than symbols.
        MergeHeap heap = new(3 * length);
        for (var i = 0; i < length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < length ? i + 1 : -1;
            (ranks[i], products[i]) = i + 1 < length ? table.Find(ids[i], ids[i + 1]) : (MergeTable.NoMerge, -1);
            if (ranks[i] != MergeTable.NoMerge)
            {
                heap.Append(ranks[i], i);
            }
        }

        heap.Order();
        while (heap.TryTake(out var rank, out var at))
        {
            if (ranks[at] != rank)
            {
                continue;
            }

            var right = next[at];
            ids[at] = products[at];
            ranks[right] = MergeTable.NoMerge;
            firsts[right] = -1;
            next[at] = next[right];
            if (next[at] >= 0)
            {
                previous[next[at]] = at;
            }

            Renew(at, ids, next, ranks, products, table, heap);
            if (previous[at] >= 0)
            {
                Renew(previous[at], ids, next, ranks, products, table, heap);
            }
        }

        heap.Release();
        ArrayPool<int>.Shared.Return(rented);
        var count = 0;
        for (var i = 0; i < length; i++)
        {
            if (firsts[i] >= 0)
            {
                ids[count] = ids[i];
                firsts[count++] = i;
            }
        }

        return count;
    }

    /// <summary>Looks up the pair that now starts at a position.</summary>
    private static void Renew(int at, Span<int> ids, Span<int> next, Span<int> ranks, Span<int> products, MergeTable table, MergeHeap heap)
    {
        (ranks[at], products[at]) = next[at] >= 0 ? table.Find(ids[at], ids[next[at]]) : (MergeTable.NoMerge, -1);
        if (ranks[at] != MergeTable.NoMerge)
        {
            heap.Add(ranks[at], at);
        }
    }
}
