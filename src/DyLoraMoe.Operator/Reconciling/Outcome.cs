namespace DyLoraMoe.Operator.Reconciling;

/// <summary>What a phase wants to happen next. Closed, so that whoever reads it can handle every case.</summary>
internal abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The next phase may go on.</summary>
    public static Outcome Continue { get; } = new Continuing();

    /// <summary>There is nothing more to do until something changes.</summary>
    /// <param name="reason">One word for the condition.</param>
    /// <param name="message">What a person reads.</param>
    /// <param name="until">When there is something to do again without any change; null for never.</param>
    public static Outcome Finish(string reason, string message, DateTimeOffset? until = null) => new Done(reason, message, until);

    /// <summary>Something else has to happen first; a watch tells of it, and <paramref name="within"/> is for the case that it does not.</summary>
    public static Outcome WaitFor(string reason, string message, TimeSpan within) => new Waiting(reason, message, within);

    /// <summary>Only a person can help.</summary>
    public static Outcome Stop(string reason, string message) => new Stalled(reason, message);

    /// <summary>The next phase may go on.</summary>
    internal sealed record Continuing : Outcome;

    /// <summary>There is nothing more to do until something changes.</summary>
    internal sealed record Done(string Reason, string Message, DateTimeOffset? Until) : Outcome;

    /// <summary>Nothing is wrong; something else has to happen first.</summary>
    internal sealed record Waiting(string Reason, string Message, TimeSpan Within) : Outcome;

    /// <summary>Only a person can help, so another try would be noise.</summary>
    internal sealed record Stalled(string Reason, string Message) : Outcome;

    /// <summary>Something failed that another try may mend.</summary>
    internal sealed record Failed(Exception Error) : Outcome;
}
