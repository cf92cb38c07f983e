using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.CommandLine;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>
/// Reads a file or a folder of examples. One file of JSON lines, a JSON array or CSV stays as it is; several, and plain text, become JSON lines. Every
/// example is looked at, so that a mistake is found here, with its file and line, and not by a job.
/// </summary>
internal static class ExampleFiles
{
    /// <summary>What a file may be, by its ending.</summary>
    public const string Endings = ".jsonl, .ndjson, .json, .csv, .txt or .md";

    private const string TextField = "text";

    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads them.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="inputField">The field that every example must have as its prompt; null when it is found by its usual names.</param>
    /// <param name="outputField">The same for the answer.</param>
    /// <exception cref="PluginException">They are not there, or not as they have to be.</exception>
    public static Examples Read(string path, string? inputField, string? outputField)
    {
        if (inputField is null != outputField is null)
        {
            throw new PluginException("--input-field and --output-field must be given together, or both be left out.", ExitCode.Usage);
        }

        var (files, ignored) = Files(path);
        var isText = files.Count(IsText);
        if (isText > 0 && (isText < files.Count || inputField is not null))
        {
            throw new PluginException(isText < files.Count
                ? $"{path} holds both plain text and files with fields; teach them as two skills."
                : "Plain text has no fields: leave --input-field and --output-field out.");
        }

        var rows = files.SelectMany(file => Rows(file).Select(row => (File: file, row.Line, row.Fields))).ToList();
        foreach (var (file, line, fields) in rows)
        {
            foreach (var field in new[] { inputField, outputField }.OfType<string>())
            {
                if (fields.GetValueOrDefault(field) is not { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False })
                {
                    throw new PluginException($"{file}:{line}: expected something in the field '{field}', found the fields {string.Join(", ", fields.Keys)}.");
                }
            }
        }

        if (rows.Count == 0)
        {
            throw new PluginException($"{path} holds no examples.");
        }

        return files is [var only] && !IsText(only)
            ? new(TextOf(only), FormatOf(only), rows.Count, ignored)
            : new(string.Concat(rows.Select(row => JsonSerializer.Serialize(row.Fields, _plain) + "\n")), DataFormats.JsonLines, rows.Count, ignored);
    }

    private static (IReadOnlyList<string> Files, IReadOnlyList<string> Ignored) Files(string path)
    {
        if (File.Exists(path))
        {
            return IsKnown(path) ? ([path], []) : throw new PluginException($"{path}: expected a name that ends in {Endings}.");
        }

        if (!Directory.Exists(path))
        {
            throw new PluginException($"{path} is neither a file nor a folder.");
        }

        var all = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(path, file).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')))
            .Order(StringComparer.Ordinal)
            .ToLookup(IsKnown);
        return all[true].Any() ? ([.. all[true]], [.. all[false]]) : throw new PluginException($"The folder {path} holds no file whose name ends in {Endings}.");
    }

    private static bool IsKnown(string file) => Ending(file) is ".jsonl" or ".ndjson" or ".json" or ".csv" or ".txt" or ".md";

    private static bool IsText(string file) => Ending(file) is ".txt" or ".md";

    private static string Ending(string file) => Path.GetExtension(file).ToLowerInvariant();

    private static string FormatOf(string file) => Ending(file) switch
    {
        ".csv" => DataFormats.Csv,
        ".json" when TextOf(file).TrimStart().StartsWith('[') => DataFormats.Json,
        _ => DataFormats.JsonLines,
    };

    private static IEnumerable<(int Line, IReadOnlyDictionary<string, JsonElement> Fields)> Rows(string file)
    {
        var text = TextOf(file);
        return IsText(file) ? Paragraphs(text) : FormatOf(file) switch
        {
            DataFormats.Csv => CsvRows(file, text),
            DataFormats.Json => ArrayRows(file, text),
            _ => LineRows(file, text),
        };
    }

    private static string TextOf(string file)
    {
        var bytes = File.ReadAllBytes(file);
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new PluginException($"{file} is no text in UTF-8.");
        }
    }

    private static IEnumerable<(int Line, IReadOnlyDictionary<string, JsonElement> Fields)> LineRows(string file, string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, Object(file, number, Parse(file, number, line)));
            }
        }
    }

    private static IEnumerable<(int Line, IReadOnlyDictionary<string, JsonElement> Fields)> ArrayRows(string file, string text)
    {
        var array = Parse(file, 1, text);
        var number = 0;
        foreach (var item in array.EnumerateArray())
        {
            number++;
            yield return (number, Object(file, number, item));
        }
    }

    private static IEnumerable<(int Line, IReadOnlyDictionary<string, JsonElement> Fields)> CsvRows(string file, string text)
    {
        IReadOnlyList<string>? header = null;
        foreach (var (line, cells) in Csv.Rows(file, text))
        {
            if (header is null)
            {
                header = cells;
                continue;
            }

            if (cells.Count != header.Count)
            {
                throw new PluginException($"{file}:{line}: expected {header.Count} cells, as in the header, found {cells.Count}.");
            }

            yield return (line, header.Zip(cells).ToDictionary(pair => pair.First, pair => JsonSerializer.SerializeToElement(pair.Second), StringComparer.Ordinal));
        }
    }

    private static IEnumerable<(int Line, IReadOnlyDictionary<string, JsonElement> Fields)> Paragraphs(string text)
    {
        List<string> lines = [];
        var (number, first) = (0, 1);
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Append(""))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                first = lines.Count == 0 ? number : first;
                lines.Add(line);
            }
            else if (lines.Count > 0)
            {
                yield return (first, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [TextField] = JsonSerializer.SerializeToElement(string.Join('\n', lines)) });
                lines.Clear();
            }
        }
    }

    private static JsonElement Parse(string file, int line, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new PluginException($"{file}:{line + (error.LineNumber ?? 0)}: expected JSON: {error.Message}");
        }
    }

    private static Dictionary<string, JsonElement> Object(string file, int number, JsonElement item) => item.ValueKind == JsonValueKind.Object
        ? item.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal)
        : throw new PluginException($"{file}:{number}: expected an object with fields, found {item.ValueKind}.");
}
