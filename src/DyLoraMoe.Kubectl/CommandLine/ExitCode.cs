namespace DyLoraMoe.Kubectl.CommandLine;

/// <summary>How the program ends, for scripts.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It could not be done.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>What was waited for was refused: nothing but a change by a person helps.</summary>
    public const int Refused = 3;

    /// <summary>What was waited for did not come in the time that was given.</summary>
    public const int TimedOut = 4;

    /// <summary>A person or a machine wanted it to end.</summary>
    public const int Interrupted = 130;
}
