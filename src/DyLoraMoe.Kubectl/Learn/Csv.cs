using System.Text;
using DyLoraMoe.Kubectl.CommandLine;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>Comma-separated values as RFC 4180 has them: quoted cells may hold commas, lines and doubled quotes.</summary>
internal static class Csv
{
    /// <summary>The rows that are not empty, each with the line it begins on.</summary>
    /// <exception cref="PluginException">A quoted cell does not end.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Cells)> Rows(string file, string text)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        var (line, first, isQuoted, wasQuoted) = (1, 1, false, false);
        for (var at = 0; at < text.Length; at++)
        {
            var sign = text[at];
            line += sign == '\n' ? 1 : 0;
            if (isQuoted)
            {
                if (sign != '"')
                {
                    cell.Append(sign);
                }
                else if (at + 1 < text.Length && text[at + 1] == '"')
                {
                    cell.Append(text[++at]);
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (sign == '"' && cell.Length == 0)
            {
                (isQuoted, wasQuoted) = (true, true);
            }
            else if (sign == ',')
            {
                cells.Add(Take());
            }
            else if (sign == '\n')
            {
                if (IsRow())
                {
                    cells.Add(Take());
                    yield return (first, cells);
                    cells = [];
                }

                first = line;
            }
            else if (sign != '\r' || at + 1 >= text.Length || text[at + 1] != '\n')
            {
                cell.Append(sign);
            }
        }

        if (isQuoted)
        {
            throw new PluginException($"{file}:{first}: a quoted cell does not end.");
        }

        if (IsRow())
        {
            cells.Add(Take());
            yield return (first, cells);
        }

        bool IsRow() => cells.Count > 0 || cell.Length > 0 || wasQuoted;

        string Take()
        {
            var taken = cell.ToString();
            cell.Clear();
            wasQuoted = false;
            return taken;
        }
    }
}
