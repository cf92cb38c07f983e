using System.CommandLine;
using System.CommandLine.Invocation;

namespace DyLoraMoe.CommandLine;

/// <summary>The usual help under the name that people type, followed by the verb's details and examples.</summary>
/// <param name="usual">What System.CommandLine prints.</param>
/// <param name="program">The program as people call it.</param>
internal sealed class HelpWithExamples(SynchronousCommandLineAction usual, string program) : SynchronousCommandLineAction
{
    private const int Width = 100;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var (configuration, text) = (parseResult.InvocationConfiguration, new StringWriter());
        var output = configuration.Output;
        configuration.Output = text;
        int code;
        try
        {
            code = usual.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
        }

        output.Write(text.ToString().Replace(RootCommand.ExecutableName, program, StringComparison.Ordinal));
        if (parseResult.CommandResult.Command is Verb verb)
        {
            Write(output, "Details:", Wrapped(verb.Details));
            Write(output, "Examples:", verb.Examples);
        }

        return code;
    }

    private static void Write(TextWriter output, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        output.WriteLine(title);
        foreach (var line in lines)
        {
            output.WriteLine("  " + line);
        }

        output.WriteLine();
    }

    private static List<string> Wrapped(string text)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && lines[^1].Length + word.Length < Width)
            {
                lines[^1] += " " + word;
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }
}
