using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace DyLoraMoe.Trainer.Tests;

/// <summary>
/// The program's entry point, called in the tests' own process: what a command line answers and leaves behind, without the second that a process needs to
/// load libtorch. What is about processes (signals, kills, standard input, the environment) is tested with <see cref="DyloraProcess"/>.
/// </summary>
internal static class Dylora
{
    private static readonly MethodInfo _main = Assembly.Load("dylora").EntryPoint!;
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Errors)?> _current = new();

    /// <summary>Runs a command line to its end, on a thread of its own: the number of threads that a verb computes with is its thread's.</summary>
    public static async Task<Outcome> RunAsync(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            _current.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
            try
            {
                ended.SetResult((int)_main.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, [args], culture: null)!);
            }
            catch (Exception error)
            {
                ended.SetException(error);
            }
        });
        thread.Start();
        var code = await ended.Task;
        return new Outcome(code, output.ToString(), errors.ToString());
    }

    [ModuleInitializer]
    internal static void Begin()
    {
        Environment.SetEnvironmentVariable("DYLORA_DEBUG", null);
        Environment.SetEnvironmentVariable("TERM", "dumb");

        // Runs beside each other compute with one thread each, and come to the same bits whatever the others do.
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        Console.SetOut(new Switch(Console.Out, run => run.Output));
        Console.SetError(new Switch(Console.Error, run => run.Errors));
    }

    // Runs happen beside each other: each has its own writers, wherever its threads come from.
    private sealed class Switch(TextWriter usual, Func<(TextWriter Output, TextWriter Errors), TextWriter> choose) : TextWriter
    {
        public override Encoding Encoding => usual.Encoding;

        private TextWriter Current => _current.Value is { } run ? choose(run) : usual;

        public override void Write(char value) => Current.Write(value);

        public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

        public override void Write(string? value) => Current.Write(value);

        public override void WriteLine(string? value) => Current.WriteLine(value);

        public override void Flush() => Current.Flush();
    }
}
