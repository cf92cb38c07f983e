using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using System.Text;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The program's behaviour towards whoever starts it: help, exit codes, and one line for whatever goes wrong.</summary>
internal static class Shell
{
    private const string Program = "dylora";

    /// <summary>Set to 1 to see where an error comes from.</summary>
    public const string DebugVariable = "DYLORA_DEBUG";

    /// <summary>Parses <paramref name="args"/>, runs the verb and returns the exit code.</summary>
    /// <param name="args">The command line without the program's name.</param>
    /// <param name="verbs">All verbs, in the order of the help.</param>
    public static int Run(string[] args, params ReadOnlySpan<Verb> verbs)
    {
        UseUtf8();
        IdleThreads.Sleep();
        FreedMemory.Keep();
        var root = Root(verbs);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var prefix = NameOf(parsed.CommandResult);
        if (parsed.Action is ParseErrorAction || (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true }))
        {
            return Complain(prefix, Mistake(parsed, verbs), hint: true, ExitCode.Usage);
        }

        try
        {
            // Stopping is each verb's own business, since only it knows what there is to save.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (StoppedException stopped)
        {
            return stopped.ExitCode;
        }
        catch (Exception error)
        {
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
            {
                Console.Error.WriteLine(error);
            }

            return error is UsageException
                ? Complain(prefix, error.Message, hint: true, ExitCode.Usage)
                : Complain(prefix, Reason(error), hint: false, ExitCode.Failed);
        }
    }

    // With the verbs that a verb belongs to.
    private static string NameOf(SymbolResult? result) => result is CommandResult { Command: Verb verb } ? $"{NameOf(result.Parent)} {verb.Name}" : Program;

    // A misspelt option is the cause of a "required" complaint more often than the other way round.
    private static string Mistake(ParseResult parsed, ReadOnlySpan<Verb> verbs)
    {
        if (parsed.CommandResult.Command is not Verb)
        {
            var found = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}'" : "nothing";
            return $"Expected a command, one of {string.Join(", ", verbs.ToArray().Select(verb => verb.Name))}, found {found}.";
        }

        var messages = parsed.Errors.Select(error => error.Message).ToList();
        return messages.Find(message => !message.Contains("required", StringComparison.OrdinalIgnoreCase)) ?? messages[0];
    }

    private static RootCommand Root(ReadOnlySpan<Verb> verbs)
    {
        var root = new RootCommand("Teaches a frozen language model new skills, one small expert at a time.");
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, Program);
        }

        return root;
    }

    private static int Complain(string prefix, string message, bool hint, int code)
    {
        Console.Error.WriteLine($"{prefix}: {OneLine(message)}{(hint ? $" Run '{prefix} --help' to see what there is." : "")}");
        return code;
    }

    /// <summary>What went wrong, on one line.</summary>
    public static string Describe(Exception error) => OneLine(Reason(error));

    private static string Reason(Exception error) => error switch
    {
        FileNotFoundException { FileName: { } name } when error.Message.StartsWith("Could not find", StringComparison.Ordinal) => $"{name} does not exist; check the path.",
        DirectoryNotFoundException => $"{error.Message} Check the path.",
        UnauthorizedAccessException => $"{error.Message} Check the permissions.",
        OutOfMemoryException => "Out of memory; use a smaller batch or a shorter context.",
        AggregateException or TypeInitializationException or TargetInvocationException when error.InnerException is { } inner => Reason(inner),
        _ => error.Message,
    };

    // libtorch appends a stack trace of its own to its messages.
    private static string OneLine(string message)
    {
        var end = message.IndexOf("\nException raised from", StringComparison.Ordinal);
        return string.Join(' ', (end < 0 ? message : message[..end]).Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static void UseUtf8()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        Console.InputEncoding = utf8;
    }
}
