namespace DyLoraMoe.Demo.Output;

/// <summary>
/// What the person sees. On a terminal the table stays where it is and changes in place, below the lines that were written; anywhere else each row that
/// changed is one more line, as <c>kubectl get -w</c> does it.
/// </summary>
/// <param name="writer">Where it goes.</param>
/// <param name="width">Columns of the terminal; null when it is none.</param>
internal sealed class Screen(TextWriter writer, int? width)
{
    private readonly Dictionary<string, string> _shown = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _block = [];
    private bool _hasHeader;

    /// <summary>The screen of this process.</summary>
    public static Screen Console() => new(
        System.Console.Out,
        System.Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? null : Math.Max(System.Console.WindowWidth, 40));

    /// <summary>Writes a line that stays.</summary>
    public void Line(string text = "")
    {
        Erase();
        writer.WriteLine(text);
        Draw();
    }

    /// <summary>Shows how rows are now.</summary>
    /// <param name="table">How they are laid out.</param>
    /// <param name="rows">Each with a key, its cells, and what must differ for another line where lines are only added.</param>
    public void Show(Table table, IReadOnlyList<ScreenRow> rows)
    {
        if (width is not null)
        {
            Erase();
            _block = [table.Header, .. rows.Select(row => table.Line(row.Cells))];
            Draw();
            return;
        }

        foreach (var row in rows.Where(row => _shown.GetValueOrDefault(row.Key) != row.Digest))
        {
            if (!_hasHeader)
            {
                writer.WriteLine(table.Header);
                _hasHeader = true;
            }

            writer.WriteLine(table.Line(row.Cells));
            _shown[row.Key] = row.Digest;
        }

        writer.Flush();
    }

    /// <summary>Leaves the table as it is; what follows comes below.</summary>
    public void Leave() => (_block, _hasHeader) = ([], false);

    private void Erase()
    {
        if (_block.Count > 0)
        {
            // To the beginning of the block's first line, and away with all below.
            writer.Write($"\u001b[{_block.Count}F\u001b[J");
        }
    }

    private void Draw()
    {
        foreach (var line in _block)
        {
            // A line that wraps would take two lines and be erased by half.
            writer.WriteLine(line.Length < width ? line : line[..(width!.Value - 1)]);
        }

        writer.Flush();
    }
}

/// <summary>A row of a table that changes.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Cells">What it says.</param>
/// <param name="Digest">What must differ for the row to be worth another line.</param>
internal sealed record ScreenRow(string Key, IReadOnlyList<string> Cells, string Digest);
