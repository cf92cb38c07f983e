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

/// <summary>Which calls go wrong, by a seed or by their number.</summary>
internal sealed class Faults(int seed, int percent, params Fault[] kinds)
{
    private readonly Random _random = new(seed);

    private int _calls;

    public static Faults None => new(0, 0);

    /// <summary>Everything goes well, in the order of a seed.</summary>
    public static Faults InOrder(int seed) => new(seed, 0);

    /// <summary>One call goes wrong, given by its number from zero.</summary>
    public static Faults At(int call, Fault fault) => new(0, 0, fault) { Only = call };

    public bool AreWatchesLate { get; init; }

    /// <summary>How many calls there were.</summary>
    public int Calls => _calls;

    /// <summary>The one call that goes wrong; null when the seed decides.</summary>
    public int? Only { get; init; }

    /// <summary>Calls that go wrong at most; then all is well, so that every run comes to an end.</summary>
    public int Most { get; set; } = 60;

    public Random Random => _random;

    public Fault Next()
    {
        var call = _calls++;
        if (Only is { } only)
        {
            return call == only ? kinds[0] : Fault.None;
        }

        if (kinds.Length == 0 || Most <= 0 || _random.Next(100) >= percent)
        {
            return Fault.None;
        }

        Most--;
        return kinds[_random.Next(kinds.Length)];
    }
}
