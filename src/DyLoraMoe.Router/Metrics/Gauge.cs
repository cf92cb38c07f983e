using System.Globalization;

namespace DyLoraMoe.Router.Metrics;

/// <summary>What is so at the moment of asking.</summary>
/// <param name="name">Its name.</param>
/// <param name="help">What it says.</param>
/// <param name="label">Name of its label; null without.</param>
/// <param name="read">Reads all values, by the label's value.</param>
internal sealed class Gauge(string name, string help, string? label, Func<IEnumerable<(string Value, double Amount)>> read) : IMetric
{
    /// <summary>A gauge of one value.</summary>
    public Gauge(string name, string help, Func<double> read)
        : this(name, help, null, () => [("", read())])
    {
    }

    public void WriteTo(TextWriter writer)
    {
        writer.Write($"# HELP {name} {help}\n# TYPE {name} gauge\n");
        foreach (var (value, amount) in read())
        {
            var text = label is null ? "" : $"{{{Labels.Text([label], [value])}}}";
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{text} {amount}\n"));
        }
    }
}
