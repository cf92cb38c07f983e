using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>Documents of a text file, as rows with the one field <c>text</c>. Documents of nothing but white space are none.</summary>
internal static class PlainTextReader
{
    public const string Field = "text";

    public static IEnumerable<RowOrError> Read(Stream stream, string file, DatasetOptions options)
    {
        using var reader = new StreamReader(stream);
        var documents = options.TextSplit switch
        {
            TextSplit.Lines => Lines(reader),
            TextSplit.BlankLines => Paragraphs(reader),
            TextSplit.Separator => Separated(reader, options.Separator, file, options.MaxRowBytes),
            _ => Whole(reader, file, options.MaxRowBytes),
        };
        foreach (var (text, line) in documents.Where(document => !string.IsNullOrWhiteSpace(document.Text)))
        {
            yield return text.Length > options.MaxRowBytes
                ? TooLong(file, line, options.MaxRowBytes)
                : new DataRow(file, line, new Dictionary<string, string>(StringComparer.Ordinal) { [Field] = text });
        }
    }

    private static IEnumerable<(string Text, long Line)> Whole(StreamReader reader, string file, int limit)
    {
        var text = new StringBuilder();
        var chunk = new char[1 << 16];
        for (int read; (read = reader.Read(chunk)) > 0;)
        {
            text.Append(chunk, 0, read);
            if (text.Length > limit)
            {
                throw TooLong(file, 1, limit);
            }
        }

        yield return (text.ToString(), 1);
    }

    private static IEnumerable<(string Text, long Line)> Lines(StreamReader reader)
    {
        for (var line = 1L; reader.ReadLine() is { } text; line++)
        {
            yield return (text, line);
        }
    }

    private static IEnumerable<(string Text, long Line)> Paragraphs(StreamReader reader)
    {
        var lines = new List<string>();
        var first = 1L;
        foreach (var (text, line) in Lines(reader))
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                first = lines.Count == 0 ? line : first;
                lines.Add(text);
            }
            else if (lines.Count > 0)
            {
                yield return (string.Join('\n', lines), first);
                lines.Clear();
            }
        }

        yield return (string.Join('\n', lines), first);
    }

    private static IEnumerable<(string Text, long Line)> Separated(StreamReader reader, string separator, string file, int limit)
    {
        var held = new StringBuilder();
        var chunk = new char[1 << 16];
        var line = 1L;
        for (int read; (read = reader.Read(chunk)) > 0;)
        {
            var searched = Math.Max(0, held.Length - separator.Length + 1);
            held.Append(chunk, 0, read);
            var parts = !held.ToString(searched, held.Length - searched).Contains(separator, StringComparison.Ordinal) ? [] : held.ToString().Split(separator);
            foreach (var part in parts.SkipLast(1))
            {
                yield return (part, line + part.TakeWhile(char.IsWhiteSpace).Count(c => c == '\n'));
                line += (part + separator).Count(c => c == '\n');
            }

            if (parts.Length > 0)
            {
                held.Clear().Append(parts[^1]);
            }

            if (held.Length > limit)
            {
                throw TooLong(file, line, limit);
            }
        }

        yield return (held.ToString(), line);
    }

    private static DatasetException TooLong(string file, long line, int limit) => new(
        file, line, string.Create(CultureInfo.InvariantCulture, $"a document of at most {limit:N0} characters"), "a longer one; split the file by blank lines, lines or a separator");
}
