using System.Text;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>A table in Markdown: the first column left, figures right.</summary>
/// <param name="titles">Titles of the columns.</param>
internal sealed class MarkdownTable(params IReadOnlyList<string> titles)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row.</summary>
    public MarkdownTable Add(params IReadOnlyList<string> cells)
    {
        _rows.Add(cells);
        return this;
    }

    /// <summary>The table with a blank line after it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, titles);
        Line(text, [.. titles.Select((_, column) => column == 0 ? "---" : "---:")]);
        _rows.ForEach(row => Line(text, row));
        return text.Append('\n').ToString();
    }

    private static void Line(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
