using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Completion;
using DyLoraMoe.Kubectl.Learn;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Rollback;
using DyLoraMoe.Kubectl.Serving;
using DyLoraMoe.Kubectl.Status;
using DyLoraMoe.Kubectl.Why;

namespace DyLoraMoe.Kubectl.CommandLine;

/// <summary>The program's behaviour towards whoever starts it: help, signals, exit codes, and a line for whatever goes wrong.</summary>
internal static class Shell
{
    /// <summary>The program as people call it.</summary>
    public const string Name = "kubectl dylora";

    /// <summary>Set to 1 to see where an error comes from.</summary>
    public const string DebugVariable = "DYLORA_DEBUG";

    /// <summary>Does what was asked for and returns the exit code.</summary>
    /// <param name="args">The command line without the program's name.</param>
    /// <param name="terminal">Where everything is written.</param>
    public static async Task<int> RunAsync(string[] args, Terminal terminal)
    {
        using var stop = new CancellationTokenSource();
        using var signals = new Signals(stop);
        var (root, global) = Root(terminal);
        if (args is [CompleteCommand.Name, .. var words])
        {
            return await CompleteCommand.RunAsync(words, root, global, terminal, stop.Token).ConfigureAwait(false);
        }

        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not { ClearsParseErrors: true } && UnknownOption(parsed, args) is { } unknown)
        {
            return Complain(parsed, terminal, $"There is no option {unknown}. Run '{Prefix(parsed)} --help' to see what there is; what begins with a dash and is none stands after --.", ExitCode.Usage);
        }

        if (parsed.Action is ParseErrorAction || (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true }))
        {
            return Complain(parsed, terminal, Mistake(parsed, root) + $" Run '{Prefix(parsed)} --help' to see what there is.", ExitCode.Usage);
        }

        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = terminal.Writer, Error = terminal.Error };
            return await parsed.InvokeAsync(configuration, stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (stop.IsCancellationRequested && error is OperationCanceledException or IOException or HttpRequestException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
            {
                terminal.Error.WriteLine(error);
            }

            var said = error as PluginException ?? ClusterErrors.Translate(error);
            return Complain(parsed, terminal, said?.Message ?? $"{error.GetType().Name}: {error.Message}", said?.Code ?? ExitCode.Failed);
        }
    }

    private static (RootCommand Root, GlobalOptions Global) Root(Terminal terminal)
    {
        var global = new GlobalOptions();
        var root = new RootCommand("Teaches backbones skills in a Kubernetes cluster, shows how they learn, and asks them.");
        foreach (var option in global.All)
        {
            root.Add(option);
        }

        foreach (var verb in (Verb[])
        [
            LearnCommand.Create(global, terminal),
            StatusCommand.Create(global, terminal),
            WhyCommand.Create(global, terminal),
            RouteCommand.Create(global, terminal),
            ChatCommand.Create(global, terminal),
            RollbackCommand.Create(global, terminal),
            CompletionCommand.Create(terminal),
        ])
        {
            root.Add(verb);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, Name);
        }

        return (root, global);
    }

    // What looks like an option would be taken for the argument of a verb.
    private static string? UnknownOption(ParseResult parsed, string[] args)
    {
        var options = args.TakeWhile(arg => arg != "--").ToHashSet(StringComparer.Ordinal);
        return parsed.CommandResult.Command.Arguments.SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? []).Select(token => token.Value)
            .FirstOrDefault(value => value.Length > 1 && value[0] == '-' && options.Contains(value));
    }

    // A misspelt option is the cause of a "required" complaint more often than the other way round.
    private static string Mistake(ParseResult parsed, RootCommand root)
    {
        if (parsed.CommandResult.Command is not Verb)
        {
            var found = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}'" : "nothing";
            return $"Expected a command, one of {string.Join(", ", root.Subcommands.Select(verb => verb.Name))}, found {found}.";
        }

        var messages = parsed.Errors.Select(error => error.Message).ToList();
        return messages.Find(message => !message.Contains("required", StringComparison.OrdinalIgnoreCase)) ?? messages[0];
    }

    private static string Prefix(ParseResult parsed) => parsed.CommandResult.Command is Verb verb ? $"{Name} {verb.Name}" : Name;

    private static int Complain(ParseResult parsed, Terminal terminal, string message, int code)
    {
        terminal.Error.WriteLine($"{Prefix(parsed)}: {message}");
        return code;
    }

    /// <summary>What a person or a machine that wants an end sends. The second one ends the program at once.</summary>
    private sealed class Signals : IDisposable
    {
        private readonly List<PosixSignalRegistration> _all;

        public Signals(CancellationTokenSource stop) => _all = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }))];

        public void Dispose() => _all.ForEach(registration => registration.Dispose());
    }
}
