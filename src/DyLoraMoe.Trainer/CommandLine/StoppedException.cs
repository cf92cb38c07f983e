namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Work ended early because a signal asked for it, and what was done so far is safe.</summary>
internal sealed class StoppedException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="exitCode">128 plus the signal's number.</param>
    public StoppedException(int exitCode)
        : base("stopped by a signal") => ExitCode = exitCode;

    /// <summary>128 plus the signal's number, as a shell reports it.</summary>
    public int ExitCode { get; }
}
