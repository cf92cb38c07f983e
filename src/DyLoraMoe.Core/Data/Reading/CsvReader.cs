namespace DyLoraMoe.Core.Data.Reading;

/// <summary>A header row with the names of the fields, then rows with as many fields.</summary>
internal static class CsvReader
{
    public static IEnumerable<RowOrError> Read(Stream stream, string file, char separator, int maxRowBytes)
    {
        using var text = new StreamReader(stream);
        var tokenizer = new CsvTokenizer(text, file, separator, maxRowBytes);
        string[]? header = null;
        while (tokenizer.Next() is { } record)
        {
            if (header is null)
            {
                header = CheckedHeader(record, file);
            }
            else if (record.Error is not null)
            {
                yield return record.Error;
            }
            else if (record.Fields.Length != header.Length)
            {
                yield return new DatasetException(file, record.Line, $"{header.Length} fields, as the header has", $"{record.Fields.Length}");
            }
            else
            {
                yield return new DataRow(file, record.Line, header.Zip(record.Fields).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
            }
        }

        if (header is null)
        {
            throw new DatasetException(file, 1, "a header row with the names of the fields", "an empty file");
        }
    }

    private static string[] CheckedHeader(CsvTokenizer.Record record, string file)
    {
        if (record.Error is not null)
        {
            throw record.Error;
        }

        var repeated = record.Fields.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return repeated is null
            ? record.Fields
            : throw new DatasetException(file, record.Line, "a header row of different names", $"'{repeated.Key}' {repeated.Count()} times");
    }
}
