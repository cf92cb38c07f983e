using System.Globalization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>One point of a grid: named values, such as rank, rates, replay percent, temperature. What they mean is the evaluation's business.</summary>
/// <param name="Index">Place in the grid; ties are broken by it.</param>
/// <param name="Values">The values by name.</param>
public sealed record SearchSetting(int Index, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The value of one name.</summary>
    /// <param name="name">The name.</param>
    public double this[string name] => Values.TryGetValue(name, out var value)
        ? value
        : throw new KeyNotFoundException($"The setting has no '{name}'; it has {string.Join(", ", Values.Keys)}.");

    /// <summary>Names and values, in the grid's order.</summary>
    public override string ToString() => string.Join(' ', Values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));
}

/// <summary>All combinations of the values of some axes, the last axis fastest.</summary>
public static class SearchGrid
{
    /// <summary>Builds the settings.</summary>
    /// <param name="axes">Name and values of each axis.</param>
    public static IReadOnlyList<SearchSetting> Of(params IReadOnlyList<(string Name, double[] Values)> axes)
    {
        ArgumentNullException.ThrowIfNull(axes);
        var points = new List<(string Name, double Value)[]> { Array.Empty<(string, double)>() };
        foreach (var (name, values) in axes)
        {
            if (values.Length == 0)
            {
                throw new ArgumentException($"The axis '{name}' has no values.", nameof(axes));
            }

            points = [.. points.SelectMany(point => values.Select(value => ((string, double)[])[.. point, (name, value)]))];
        }

        return [.. points.Select((point, index) => new SearchSetting(index, new OrderedDictionary<string, double>(point.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))))];
    }
}
