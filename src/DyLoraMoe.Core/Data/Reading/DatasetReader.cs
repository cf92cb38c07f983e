using System.IO.Compression;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// Reads samples from JSON lines, JSON arrays, CSV and plain text, compressed with gzip or not. Rows stream through: only one
/// is in memory at a time. Not thread-safe: the report counts what passed through.
/// </summary>
public sealed class DatasetReader
{
    private const int FirstErrors = 10;

    private readonly DatasetOptions _options;

    /// <summary>A reader with these options.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="FormatException">The prompt template is none.</exception>
    public DatasetReader(DatasetOptions options)
    {
        options.Validate();
        _ = options.PromptTemplate is null ? null : PromptTemplate.Parse(options.PromptTemplate);
        _options = options;
    }

    /// <summary>Counts of everything read so far.</summary>
    public ReadReport Report { get; private set; } = new();

    /// <summary>The samples of a file.</summary>
    /// <exception cref="DatasetException">Something in it is not as it has to be.</exception>
    public IEnumerable<Sample> Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new DatasetException(path, 0, "a file", "a folder; name the files in it");
        }

        using var stream = File.OpenRead(path);
        foreach (var sample in Read(stream, path))
        {
            yield return sample;
        }
    }

    /// <summary>The samples of a stream.</summary>
    /// <param name="stream">The content; it is left open.</param>
    /// <param name="name">What errors call it, and what tells the format when the options do not.</param>
    /// <exception cref="DatasetException">Something in it is not as it has to be.</exception>
    public IEnumerable<Sample> Read(Stream stream, string name)
    {
        Report = Report with { Files = Report.Files + 1 };
        FieldMapping? mapping = null;
        DatasetException? unknown = null;
        foreach (var (row, error) in Rows(stream, name))
        {
            if (Report.Samples >= _options.MaxSamples)
            {
                Report = Report with { StoppedAtLimit = true };
                yield break;
            }

            Report = Report with { Rows = Report.Rows + 1 };
            if (row is null)
            {
                Reject(error!);
                continue;
            }

            var (own, problem) = mapping is null || _options.EachRowDecides ? Resolve(row) : (mapping, null);
            if (own is null)
            {
                unknown ??= problem;
                Reject(problem!);
                continue;
            }

            mapping = own;
            var (sample, mistake) = mapping.Map(row, _options);
            if (sample is null)
            {
                Reject(mistake!);
                continue;
            }

            Report = Report with { Samples = Report.Samples + 1, Characters = Report.Characters + sample.Prompt.Length + sample.Answer.Length };
            yield return sample;
        }

        if (mapping is null && unknown is not null)
        {
            // No bad row but a file of other fields than those that were named or are known.
            throw unknown;
        }
    }

    private (FieldMapping? Mapping, DatasetException? Problem) Resolve(DataRow row)
    {
        try
        {
            return (FieldMapping.Resolve(_options, row), null);
        }
        catch (DatasetException problem)
        {
            return (null, problem);
        }
    }

    private IEnumerable<RowOrError> Rows(Stream stream, string name)
    {
        var plainName = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        using var unzipped = plainName == name ? null : new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
        using var text = new TextSource(unzipped ?? stream, name);
        using var rows = Guarded(() => Open(text, plainName, name).GetEnumerator(), name);
        while (Guarded(rows.MoveNext, name))
        {
            yield return rows.Current;
        }
    }

    private IEnumerable<RowOrError> Open(TextSource text, string plainName, string name)
    {
        var format = _options.Format == DatasetFormat.Auto ? FormatOf(plainName, name, text) : _options.Format;
        text.Checks = format != DatasetFormat.JsonLines;
        return format switch
        {
            DatasetFormat.JsonLines => JsonLinesReader.Read(text, name, _options.MaxRowBytes),
            DatasetFormat.JsonArray => new JsonArrayReader(text, name, _options.MaxRowBytes).Read(),
            DatasetFormat.Csv => CsvReader.Read(text, name, ',', _options.MaxRowBytes),
            DatasetFormat.Tsv => CsvReader.Read(text, name, '\t', _options.MaxRowBytes),
            _ => PlainTextReader.Read(text, name, _options),
        };
    }

    private static T Guarded<T>(Func<T> read, string name)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException(name, 0, "a whole gzip file", error.Message.TrimEnd('.'), error);
        }
    }

    private static DatasetFormat FormatOf(string plainName, string name, TextSource text) => Path.GetExtension(plainName).ToUpperInvariant() switch
    {
        ".JSONL" or ".NDJSON" => DatasetFormat.JsonLines,
        ".JSON" => text.FirstByte() == '{' ? DatasetFormat.JsonLines : DatasetFormat.JsonArray,
        ".CSV" => DatasetFormat.Csv,
        ".TSV" => DatasetFormat.Tsv,
        ".TXT" or ".TEXT" or ".MD" => DatasetFormat.PlainText,
        _ => throw new DatasetException(name, 0, "a name that ends in .jsonl, .ndjson, .json, .csv, .tsv, .txt or .md, or a format given by name", $"'{Path.GetExtension(plainName)}'"),
    };

    private void Reject(DatasetException error)
    {
        if (_options.BadRows == BadRowPolicy.Fail)
        {
            throw error;
        }

        Report = Report with
        {
            Skipped = Report.Skipped + 1,
            FirstErrors = Report.FirstErrors.Count < FirstErrors ? [.. Report.FirstErrors, error.Message] : Report.FirstErrors,
        };
    }
}
