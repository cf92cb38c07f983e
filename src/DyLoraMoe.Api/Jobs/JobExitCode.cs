namespace DyLoraMoe.Api.Jobs;

/// <summary>Exit codes of <c>dylora job</c>, which a Job's pod failure policy tells apart.</summary>
public static class JobExitCode
{
    /// <summary>Done; the result says what was published.</summary>
    public const int Succeeded = 0;

    /// <summary>Something failed that another try may mend; counts against the backoff limit.</summary>
    public const int Failed = 1;

    /// <summary>The input itself is wrong (as sysexits' EX_DATAERR): another try would fail alike, so the Job fails at once.</summary>
    public const int InvalidInput = 65;

    /// <summary>Stopped by SIGTERM after a checkpoint (as sysexits' EX_TEMPFAIL): the next pod goes on; does not count.</summary>
    public const int Interrupted = 75;
}
