namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>Union and find (Tarjan, 1975): every place begins alone, and joining two places joins all that belongs to them.</summary>
internal sealed class DisjointSets(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    /// <summary>Joins two groups; the lesser place is the root.</summary>
    public void Join(int a, int b)
    {
        var (x, y) = (Root(a), Root(b));
        _parents[Math.Max(x, y)] = Math.Min(x, y);
    }

    /// <summary>Whether two places are in one group.</summary>
    public bool AreJoined(int a, int b) => Root(a) == Root(b);

    /// <summary>Groups of two or more, their places ascending, by their first place.</summary>
    public IReadOnlyList<IReadOnlyList<int>> OfTwoOrMore() =>
        [.. Enumerable.Range(0, _parents.Length).GroupBy(Root).Where(group => group.Count() > 1).Select(group => group.ToArray())];

    private int Root(int place)
    {
        while (_parents[place] != place)
        {
            place = _parents[place] = _parents[_parents[place]];
        }

        return place;
    }
}
