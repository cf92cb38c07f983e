using System.Globalization;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>A table for people: words left, figures right.</summary>
/// <param name="titles">Titles of the columns.</param>
internal sealed class Table(params string[] titles)
{
    private readonly List<string[]> _rows = [titles];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table, columns two spaces apart.</summary>
    public void WriteTo(TextWriter output)
    {
        var widths = Enumerable.Range(0, titles.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    /// <summary>A figure with a fixed number of decimals.</summary>
    public static string Number(double value, int decimals) => value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
