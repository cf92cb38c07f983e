namespace DyLoraMoe.Demo.Output;

/// <summary>Columns of a fixed least width, so that lines which come one by one stand below each other.</summary>
/// <param name="columns">Title and least width of each.</param>
internal sealed class Table(params (string Title, int Width)[] columns)
{
    /// <summary>The titles.</summary>
    public string Header => Line([.. columns.Select(column => column.Title)]);

    /// <summary>A row. A cell that is too long pushes the others on rather than being cut.</summary>
    public string Line(IReadOnlyList<string> cells) => cells.Count == columns.Length
        ? string.Join("  ", cells.Select((cell, index) => cell.PadRight(columns[index].Width))).TrimEnd()
        : throw new ArgumentException($"Expected {columns.Length} cells, found {cells.Count}.", nameof(cells));

    /// <summary>All rows below their titles, with columns as wide as they need to be.</summary>
    public static IEnumerable<string> Format(IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table([.. titles.Select((title, index) => (title, rows.Select(row => row[index].Length).Append(title.Length).Max()))]);
        return rows.Select(table.Line).Prepend(table.Header);
    }
}
