using System.Collections.Concurrent;
using System.Globalization;

namespace DyLoraMoe.Router.Metrics;

/// <summary>What only grows.</summary>
internal sealed class Counter(string name, string help, params IReadOnlyList<string> labels) : IMetric
{
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    /// <summary>Counts.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="values">Values of the labels.</param>
    public void Add(double amount, params IReadOnlyList<string> values) =>
        _values.AddOrUpdate(Labels.Text(labels, values), amount, (_, before) => before + amount);

    public void WriteTo(TextWriter writer)
    {
        writer.Write($"# HELP {name} {help}\n# TYPE {name} counter\n");
        if (labels.Count == 0)
        {
            _values.TryAdd("", 0);
        }

        foreach (var (text, value) in _values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{(text.Length > 0 ? $"{{{text}}}" : "")} {value}\n"));
        }
    }
}
