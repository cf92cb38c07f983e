namespace DyLoraMoe.Operator.Tests.World;

/// <summary>How a write goes wrong.</summary>
internal enum Fault
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>409: somebody was faster.</summary>
    Conflict,

    /// <summary>429.</summary>
    TooMany,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>It is done, and the answer is lost.</summary>
    Timeout,

    /// <summary>The process dies, and nothing is done.</summary>
    CrashBefore,

    /// <summary>It is done, and the process dies.</summary>
    CrashAfter,
}

/// <summary>Which writes go wrong, by a seed.</summary>
internal sealed class Faults(int seed, int percent, params Fault[] kinds)
{
    private readonly Random _random = new(seed);

    public static Faults None { get; } = new(0, 0);

    public bool AreWatchesLate { get; init; }

    /// <summary>Writes that go wrong at most; then all is well, so that every run comes to an end.</summary>
    public int Most { get; set; } = 60;

    public Random Random => _random;

    public Fault Next()
    {
        if (kinds.Length == 0 || Most <= 0 || _random.Next(100) >= percent)
        {
            return Fault.None;
        }

        Most--;
        return kinds[_random.Next(kinds.Length)];
    }
}
