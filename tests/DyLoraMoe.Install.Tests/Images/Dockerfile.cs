using System.Text.RegularExpressions;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Install.Tests.Images;

/// <summary>The Dockerfile, read into stages of instructions.</summary>
internal sealed partial class Dockerfile
{
    private Dockerfile(IReadOnlyList<Stage> stages) => Stages = stages;

    /// <summary>An instruction, with its options apart.</summary>
    public sealed record Instruction(string Name, IReadOnlyDictionary<string, string> Options, string Text)
    {
        /// <summary>The words of it.</summary>
        public IReadOnlyList<string> Words => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What begins with FROM.</summary>
    public sealed record Stage(string Base, string Name, IReadOnlyList<Instruction> Instructions)
    {
        /// <summary>The last instruction of a name; it is the one that counts.</summary>
        public Instruction? Last(string name) => Instructions.LastOrDefault(each => each.Name == name);
    }

    public IReadOnlyList<Stage> Stages { get; }

    public static Dockerfile Read()
    {
        var text = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "Dockerfile"));
        var lines = string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith('#'))).Replace("\\\n", " ", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        List<Stage> stages = [];
        List<Instruction> current = [];
        foreach (var instruction in lines.Select(Parse))
        {
            if (instruction.Name == "FROM")
            {
                var words = instruction.Words;
                current = [];
                stages.Add(new(words[0], words is [_, "AS", var name] ? name : "", current));
            }
            else
            {
                current.Add(instruction);
            }
        }

        return new(stages);
    }

    /// <summary>The image that a stage begins with.</summary>
    public string ImageOf(Stage stage) => Stages.SingleOrDefault(each => each.Name == stage.Base) is { } before ? ImageOf(before) : stage.Base;

    private static Instruction Parse(string line)
    {
        var (name, rest) = (line.Split(' ', 2)[0].ToUpperInvariant(), line.Split(' ', 2)[1].Trim());
        Dictionary<string, string> options = [];
        while (Option().Match(rest) is { Success: true } option)
        {
            options[option.Groups[1].Value] = option.Groups[2].Value;
            rest = rest[option.Length..].TrimStart();
        }

        return new(name, options, rest);
    }

    [GeneratedRegex("^--([a-z-]+)=?(\\S*)")]
    private static partial Regex Option();
}
