using System.Text;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Kubectl.CommandLine;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>
/// Reads a file or a folder of examples. One file of JSON lines, a JSON array or CSV stays as it is; several, and plain text, become JSON lines. Every
/// example is read as a job would read it, so that a mistake is found here, with its file and line, and not there.
/// </summary>
internal static class ExampleFiles
{
    /// <summary>What a file may be, by its ending.</summary>
    public const string Endings = ".jsonl, .ndjson, .json, .csv, .txt or .md";

    /// <summary>Reads them.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="inputField">The field that every example must have as its prompt; null when it is found by its usual names.</param>
    /// <param name="outputField">The same for the answer.</param>
    /// <param name="chat">Whether prompt and answer are turns of a chat.</param>
    /// <exception cref="PluginException">They are not there, or not as they have to be.</exception>
    public static Examples Read(string path, string? inputField, string? outputField, bool chat = false)
    {
        if (inputField is null != outputField is null)
        {
            throw new PluginException("--input-field and --output-field must be given together, or both be left out.", ExitCode.Usage);
        }

        var (files, ignored) = Files(path);
        var texts = files.Count(IsText);
        if (texts > 0 && (texts < files.Count || inputField is not null || chat))
        {
            throw new PluginException(texts < files.Count
                ? $"{path} holds both plain text and files with fields; teach them as two skills."
                : $"Plain text has no {(chat ? "prompts: leave --chat" : "fields: leave --input-field and --output-field")} out.");
        }

        var samples = Samples(files, new() { InputField = inputField, OutputField = outputField, AsChat = chat, TextSplit = TextSplit.BlankLines });
        return files is [var only] && !IsText(only)
            ? new(File.ReadAllText(only), FormatOf(only), samples.Count, ignored) { InputField = inputField, OutputField = outputField, Chat = chat }
            : new(JsonLines(samples), DataFormats.JsonLines, samples.Count, ignored);
    }

    private static IReadOnlyList<Sample> Samples(IReadOnlyList<string> files, DatasetOptions options)
    {
        try
        {
            return Dataset.Load(files, options).Samples;
        }
        catch (DatasetException error)
        {
            throw new PluginException(error.Message);
        }
    }

    private static string JsonLines(IEnumerable<Sample> samples)
    {
        using var lines = new MemoryStream();
        DatasetWriter.WriteJsonLines(lines, samples);
        return Encoding.UTF8.GetString(lines.GetBuffer(), 0, (int)lines.Length);
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

        var all = DataFolder.Files(path).ToLookup(IsKnown);
        return all[true].Any() ? ([.. all[true]], [.. all[false]]) : throw new PluginException($"The folder {path} holds no file whose name ends in {Endings}.");
    }

    private static bool IsKnown(string file) => Ending(file) is ".jsonl" or ".ndjson" or ".json" or ".csv" or ".txt" or ".md";

    private static bool IsText(string file) => Ending(file) is ".txt" or ".md";

    private static string Ending(string file) => Path.GetExtension(file).ToLowerInvariant();

    private static string FormatOf(string file) => Ending(file) switch
    {
        ".csv" => DataFormats.Csv,
        ".json" when File.ReadAllText(file).TrimStart().StartsWith('[') => DataFormats.Json,
        _ => DataFormats.JsonLines,
    };
}
