using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Reads the data that a job was given.</summary>
internal static class JobData
{
    private static readonly string[] _known = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".md", ".gz"];

    /// <summary>The samples.</summary>
    /// <param name="path">A file, or a folder whose files are one data set.</param>
    /// <param name="input">Format and fields.</param>
    /// <exception cref="InvalidInputException">They cannot be read; the message says where and why.</exception>
    public static IReadOnlyList<Sample> Read(string path, AssessInput input)
    {
        try
        {
            var files = Files(path);
            var format = FormatOf(input.Format, files);
            var options = new DatasetOptions { Format = format };
            return Dataset.Load(files, format == DatasetFormat.PlainText ? options : options with { InputField = input.InputField, OutputField = input.OutputField, AsChat = input.Chat == true }).Samples;
        }
        catch (DatasetException error)
        {
            // The place in a container says nothing to whoever wrote the data.
            var root = Path.GetDirectoryName(Path.GetFullPath(path))!;
            throw new InvalidInputException(Reasons.DataInvalid, error.Message.Replace(root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), error);
        }
        catch (ArgumentException error)
        {
            throw new InvalidInputException(Reasons.DataInvalid, error.Message, error);
        }
    }

    private static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new InvalidInputException(Reasons.DataInvalid, $"There are no data at {Path.GetFileName(path)}: neither a file nor a folder.");
        }

        // A mounted ConfigMap has its files behind hidden folders too.
        var files = DataFolder.Files(path);
        return files.Count > 0 ? files : throw new InvalidInputException(Reasons.DataInvalid, $"The folder {Path.GetFileName(path)} holds no data files; hidden ones, README and LICENSE are left out.");
    }

    private static DatasetFormat FormatOf(string format, IReadOnlyList<string> files) => format switch
    {
        "Auto" => files.All(file => _known.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) ? DatasetFormat.Auto : Sniff(files),
        "JsonLines" => DatasetFormat.JsonLines,
        "Json" => DatasetFormat.JsonArray,
        "Csv" => DatasetFormat.Csv,
        "Text" => DatasetFormat.PlainText,
        _ => throw new InvalidInputException(Reasons.InvalidInput, $"The request's format is '{format}', expected Auto, JsonLines, Json, Csv or Text."),
    };

    // Keys of ConfigMaps often have no ending that says what they hold.
    private static DatasetFormat Sniff(IReadOnlyList<string> files)
    {
        using var reader = new StreamReader(files[0]);
        var buffer = new char[4096];
        var text = buffer.AsSpan(0, reader.ReadBlock(buffer)).TrimStart();
        return text.IsEmpty ? DatasetFormat.Auto
            : text[0] == '{' ? DatasetFormat.JsonLines
            : text[0] == '[' ? DatasetFormat.JsonArray
            : throw new InvalidInputException(Reasons.DataInvalid, $"{Path.GetFileName(files[0])} has no ending that says its format, and is no JSON; set the data's format.");
    }
}
