namespace DyLoraMoe.Core.Data;

/// <summary>
/// Decides which samples share a row: first-fit decreasing, which wastes at most about 22 % of the rows over the best packing
/// and in practice a few percent. Samples are never cut here, and the result depends only on the lengths and their order.
/// </summary>
public static class Packer
{
    /// <summary>Rows of sample indices, each row's positions adding up to at most <paramref name="rowLength"/>.</summary>
    /// <param name="samples">All samples.</param>
    /// <param name="window">Indices of the samples to pack; ties in length keep this order.</param>
    /// <param name="rowLength">Positions per row.</param>
    public static List<int[]> Pack(IReadOnlyList<TokenizedSample> samples, IReadOnlyList<int> window, int rowLength)
    {
        var rows = new List<List<int>>();
        var free = new List<int>();
        foreach (var index in window.OrderByDescending(i => samples[i].Positions))
        {
            var needed = CheckedPositions(samples, index, rowLength);
            var row = free.FindIndex(space => space >= needed);
            if (row < 0)
            {
                row = rows.Count;
                rows.Add([]);
                free.Add(rowLength);
            }

            rows[row].Add(index);
            free[row] -= needed;
        }

        return rows.ConvertAll(row => row.ToArray());
    }

    /// <summary>Rows of one sample each, for comparison with packing.</summary>
    public static List<int[]> OnePerRow(IReadOnlyList<TokenizedSample> samples, IReadOnlyList<int> window, int rowLength)
    {
        foreach (var index in window)
        {
            CheckedPositions(samples, index, rowLength);
        }

        return [.. window.Select(index => new[] { index })];
    }

    private static int CheckedPositions(IReadOnlyList<TokenizedSample> samples, int index, int rowLength)
    {
        var positions = samples[index].Positions;
        if (positions < 1)
        {
            throw new ArgumentException($"Sample {index} has {samples[index].Ids.Length} ids; at least 2 are needed to predict anything.", nameof(samples));
        }

        if (positions > rowLength)
        {
            throw new ArgumentException(
                $"Sample {index} fills {positions} positions but a row has {rowLength}; tokenise with MaxTokens = {rowLength + 1} or take longer rows.", nameof(samples));
        }

        return positions;
    }
}
