using System.Text.Json;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>The public data sets behind the real stream, read from one folder.</summary>
/// <param name="folder">The folder.</param>
internal sealed class RealData(string folder)
{
    private const string TextFile = "tinyshakespeare.txt";
    private const string MathsFile = "gsm8k.jsonl";
    private const string TasksFile = "mbpp.jsonl";
    private const string CodeFile = "codealpaca.json";
    private const int PieceCharacters = 480;

    /// <summary>Name of the skill whose answers end with a number that can be checked.</summary>
    public const string Maths = "maths";

    /// <summary>All samples by skill, in the files' order, with how the same request reads in other words.</summary>
    /// <exception cref="DirectoryNotFoundException">A file is not there.</exception>
    public IReadOnlyDictionary<string, List<RealSample>> Read()
    {
        string[] expected = [TextFile, MathsFile, TasksFile, CodeFile];
        var missing = Array.FindAll(expected, file => !File.Exists(Path.Combine(folder, file)));
        if (missing.Length > 0)
        {
            throw new DirectoryNotFoundException(
                $"The real stream needs {string.Join(", ", expected)} in {Path.GetFullPath(folder)}, of which {string.Join(", ", missing)} {(missing.Length == 1 ? "is" : "are")} missing. Name the folder that holds them with --data.");
        }

        var skills = new Dictionary<string, List<RealSample>>(StringComparer.Ordinal)
        {
            ["text"] = [.. TextPieces.Cut([Sample.PlainText(File.ReadAllText(Path.Combine(folder, TextFile)))], PieceCharacters).Select(piece => new RealSample(piece, null))],
            [Maths] = [.. Lines(MathsFile).Select(row => Asked($"Question: {Text(row, "question")}\nAnswer:", $"Solve this. {Text(row, "question")}\nSolution:", " " + Text(row, "answer")))],
            ["python-tasks"] = [.. Lines(TasksFile).Select(row => Asked($"Task: {Text(row, "text")}\nCode:", $"{Text(row, "text")}\n->", "\n" + Text(row, "code")))],
        };
        using var code = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, CodeFile)));
        foreach (var row in code.RootElement.EnumerateArray())
        {
            if (CodeLanguages.Of(Text(row, "instruction")) is { } language)
            {
                var input = Text(row, "input") is { Length: > 0 } given ? $"Input: {given}\n" : string.Empty;
                var sample = Asked(
                    $"Instruction: {Text(row, "instruction")}\n{input}Response:", $"User: {Text(row, "instruction")}\n{input}Assistant:", "\n" + Text(row, "output"));
                if (!skills.TryGetValue($"code-{language}", out var known))
                {
                    skills[$"code-{language}"] = known = [];
                }

                known.Add(sample);
            }
        }

        return skills;
    }

    /// <summary>Whether a generated solution ends with the same number as the sample's, behind its marker.</summary>
    public static bool HasSameResult(Sample sample, string output) => Result(sample.Answer) is { } expected && Result(output) == expected;

    private static string? Result(string text)
    {
        var at = text.LastIndexOf("####", StringComparison.Ordinal);
        return at < 0 ? null : text[(at + 4)..].TrimStart().Split('\n', 2)[0].Trim().Replace(",", string.Empty, StringComparison.Ordinal);
    }

    private static RealSample Asked(string prompt, string otherwise, string answer)
    {
        var reply = answer.Replace("\r\n", "\n", StringComparison.Ordinal);
        return new RealSample(Sample.Pair(prompt, reply), Sample.Pair(otherwise, reply));
    }

    private IEnumerable<JsonElement> Lines(string file) => File.ReadLines(Path.Combine(folder, file)).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<JsonElement>(line));

    private static string Text(JsonElement row, string field) => row.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new InvalidDataException($"A row of the real data has no text '{field}': {row.GetRawText()[..Math.Min(120, row.GetRawText().Length)]}");
}

/// <summary>A sample of the real stream.</summary>
/// <param name="Usual">As the stream teaches it.</param>
/// <param name="Otherwise">Asked for in other words; null for plain text.</param>
internal sealed record RealSample(Sample Usual, Sample? Otherwise);
