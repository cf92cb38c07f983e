using System.Buffers;

namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>A binary heap of pairs that may merge, least rank and then leftmost first.</summary>
internal sealed class MergeHeap(int capacity)
{
    private readonly ulong[] _entries = ArrayPool<ulong>.Shared.Rent(Math.Max(1, capacity));
    private int _count;

    /// <summary>Adds without ordering; <see cref="Order"/> follows.</summary>
    public void Append(int rank, int position) => _entries[_count++] = ((ulong)(uint)rank << 32) | (uint)position;

    /// <summary>Makes a heap of what was appended, in linear time.</summary>
    public void Order()
    {
        for (var i = (_count / 2) - 1; i >= 0; i--)
        {
            Sink(i);
        }
    }

    public void Add(int rank, int position)
    {
        var at = _count;
        Append(rank, position);
        var entry = _entries[at];
        while (at > 0 && entry < _entries[(at - 1) / 2])
        {
            _entries[at] = _entries[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _entries[at] = entry;
    }

    public bool TryTake(out int rank, out int position)
    {
        if (_count == 0)
        {
            (rank, position) = (0, 0);
            return false;
        }

        var top = _entries[0];
        (rank, position) = ((int)(top >> 32), (int)(uint)top);
        _entries[0] = _entries[--_count];
        Sink(0);
        return true;
    }

    /// <summary>Gives the memory back; the heap is not to be used afterwards.</summary>
    public void Release() => ArrayPool<ulong>.Shared.Return(_entries);

    private void Sink(int at)
    {
        var entry = _entries[at];
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _entries[child + 1] < _entries[child])
            {
                child++;
            }

            if (_entries[child] >= entry)
            {
                break;
            }

            _entries[at] = _entries[child];
            at = child;
        }

        _entries[at] = entry;
    }
}
