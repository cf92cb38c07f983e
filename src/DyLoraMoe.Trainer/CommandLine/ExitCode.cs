namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>What the process reports to whoever started it. A stop by signal n is 128 + n, as in a shell.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Done = 0;

    /// <summary>The work could not be done; one line on standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; one line on standard error says where.</summary>
    public const int Usage = 2;

    /// <summary>All was done, and the result was refused: it would have made something else worse.</summary>
    public const int Refused = 3;
}
