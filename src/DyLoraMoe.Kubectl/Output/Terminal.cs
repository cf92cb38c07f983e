using System.Text;
using Spectre.Console;

namespace DyLoraMoe.Kubectl.Output;

/// <summary>Where the program reads and writes. Colours and live views are for a terminal only; elsewhere it is plain text, one thing a line.</summary>
internal sealed class Terminal
{
    // What is not shown on a screen must not be broken into lines either.
    private const int Unbounded = 10_000;

    /// <summary>A terminal or what stands for one.</summary>
    /// <param name="output">What was asked for.</param>
    /// <param name="error">What goes wrong, and what happens meanwhile.</param>
    /// <param name="input">What the person says.</param>
    /// <param name="isLive">Whether the output may change in place.</param>
    /// <param name="isTyped">Whether somebody types the input.</param>
    public Terminal(TextWriter output, TextWriter error, TextReader input, bool isLive, bool isTyped)
    {
        (Writer, Error, Input, IsLive, IsTyped) = (output, error, input, isLive, isTyped);
        Out = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isLive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isLive && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isLive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isLive)
        {
            Out.Profile.Width = Unbounded;
            Out.Profile.Capabilities.Unicode = true;
        }
    }

    /// <summary>What was asked for, with markup.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>What was asked for, as it is.</summary>
    public TextWriter Writer { get; }

    /// <summary>What goes wrong, and what happens meanwhile.</summary>
    public TextWriter Error { get; }

    /// <summary>What the person says.</summary>
    public TextReader Input { get; }

    /// <summary>Whether the output may change in place.</summary>
    public bool IsLive { get; }

    /// <summary>Whether somebody types the input.</summary>
    public bool IsTyped { get; }

    /// <summary>That of this process.</summary>
    public static Terminal Standard()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        Console.InputEncoding = utf8;
        var isScreen = Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new(Console.Out, Console.Error, Console.In, isScreen && !Console.IsOutputRedirected, !Console.IsInputRedirected);
    }
}
