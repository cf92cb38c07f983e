using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Routing;

/// <summary>Windows that hold the same number of prompts of every skill, each skill's in random order, again from the start when used up.</summary>
internal sealed class SkillWindows
{
    private readonly long[][] _orders;
    private readonly int[] _next;
    private readonly SeededRandom _random;
    private readonly int _share;

    /// <param name="counts">Prompts of every skill; their rows follow each other.</param>
    /// <param name="window">Wanted size.</param>
    /// <param name="seed">Seed of the orders.</param>
    public SkillWindows(IReadOnlyList<long> counts, int window, ulong seed)
    {
        _random = new SeededRandom(seed, SeededRandom.Key("router windows"));
        _share = Math.Max(1, window / counts.Count);
        _next = new int[counts.Count];
        var first = 0L;
        _orders = [.. counts.Select(count =>
        {
            var rows = Enumerable.Range(0, (int)count).Select(row => first + row).ToArray();
            first += count;
            _random.Shuffle(rows.AsSpan());
            return rows;
        })];
        Skills = [.. Enumerable.Range(0, counts.Count).SelectMany(skill => Enumerable.Repeat(skill, _share))];
    }

    /// <summary>Each place's skill, the same in every window.</summary>
    public IReadOnlyList<int> Skills { get; }

    /// <summary>The rows of the next window.</summary>
    public long[] Take()
    {
        var rows = new long[_orders.Length * _share];
        for (var at = 0; at < rows.Length; at++)
        {
            var skill = at / _share;
            if (_next[skill] == _orders[skill].Length)
            {
                _random.Shuffle(_orders[skill].AsSpan());
                _next[skill] = 0;
            }

            rows[at] = _orders[skill][_next[skill]++];
        }

        return rows;
    }
}
