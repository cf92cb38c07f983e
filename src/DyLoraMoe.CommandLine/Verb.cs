using System.CommandLine;

namespace DyLoraMoe.CommandLine;

/// <summary>A command of a program, with what its help says beyond the list of options.</summary>
/// <param name="name">Name on the command line.</param>
/// <param name="description">What it does, in one sentence.</param>
internal class Verb(string name, string description) : Command(name, description)
{
    /// <summary>What one sentence cannot say; shown in the verb's own help only.</summary>
    public string Details { get; init; } = "";

    /// <summary>Complete command lines, shown at the end of the help.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Adds options and arguments in the order of the help.</summary>
    public Verb With(params ReadOnlySpan<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                Add(argument);
            }
            else
            {
                Add((Option)symbol);
            }
        }

        return this;
    }

    /// <summary>Sets what the verb does.</summary>
    /// <param name="run">Gets the parsed command line; returns the exit code.</param>
    public Verb Runs(Func<ParseResult, int> run)
    {
        SetAction(run);
        return this;
    }

    /// <summary>Sets what the verb does.</summary>
    /// <param name="run">Gets the parsed command line, and when to end; returns the exit code.</param>
    public Verb Runs(Func<ParseResult, CancellationToken, Task<int>> run)
    {
        SetAction(run);
        return this;
    }
}
