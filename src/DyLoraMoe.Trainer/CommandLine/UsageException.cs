namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options do not fit together, or a value in a configuration file cannot be right.</summary>
internal sealed class UsageException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was wrong and what to do instead, in one sentence.</param>
    public UsageException(string message)
        : base(message)
    {
    }
}
