namespace DyLoraMoe.Trainer.Jobs;

/// <summary>A job's input is wrong: another try would fail alike.</summary>
internal sealed class InvalidInputException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="reason">One word for a condition.</param>
    /// <param name="message">For people.</param>
    /// <param name="inner">What reported it, if anything did.</param>
    public InvalidInputException(string reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>One word for a condition.</summary>
    public string Reason { get; }
}
