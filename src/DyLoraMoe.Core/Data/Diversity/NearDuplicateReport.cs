namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>What <see cref="NearDuplicates"/> found.</summary>
/// <param name="Sequences">How many sequences were looked at.</param>
/// <param name="Groups">Groups of two or more near duplicates: places in the input, ascending; groups by their first place.</param>
public sealed record NearDuplicateReport(int Sequences, IReadOnlyList<IReadOnlyList<int>> Groups)
{
    /// <summary>How many pairs were compared, each once; the others could not be alike, were in one group already, or were beyond the bound of a sequence.</summary>
    public long Compared { get; init; }

    /// <summary>Places that would be removed, ascending: all of each group but its first.</summary>
    public IReadOnlyList<int> Removed => [.. Groups.SelectMany(group => group.Skip(1)).Order()];

    /// <summary>The share of the sequences that would be removed, 0 to 1.</summary>
    public double Share => Sequences == 0 ? 0 : (double)Groups.Sum(group => group.Count - 1) / Sequences;

    /// <summary>What is left of the items that the sequences belong to, in their order.</summary>
    /// <param name="items">One item for each sequence.</param>
    /// <exception cref="ArgumentException">Another number of items.</exception>
    public IReadOnlyList<T> Keep<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count != Sequences)
        {
            throw new ArgumentException($"The report is of {Sequences} sequences, found {items.Count} items; give the items that were looked at.", nameof(items));
        }

        var removed = Removed.ToHashSet();
        return [.. items.Where((_, place) => !removed.Contains(place))];
    }
}
