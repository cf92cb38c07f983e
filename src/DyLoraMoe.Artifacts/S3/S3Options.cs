using System.Globalization;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>How a bucket is talked to.</summary>
public sealed record S3Options
{
    /// <summary>Says in seconds how long a bucket that does not answer is waited for.</summary>
    public const string PatienceVariable = "DYLORA_S3_PATIENCE_SECONDS";

    /// <summary>Bytes of a part of a large file, and from which size on a file is large. 64 MiB: what a cut costs at most, and 10,000 of them are 625 GiB.</summary>
    public long PartBytes { get; init; } = 64L << 20;

    /// <summary>Parts or files on their way at once.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>What is waited before the second try; twice as long before each that follows, less a random part.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a call is tried again without anything getting through. A Job that gives up is tried again by Kubernetes; three minutes outlast most failovers.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The same once the process was told to stop: what it has to save should get there, but it is killed soon.</summary>
    public TimeSpan LastPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>After how long without a byte a connection is taken for dead.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the holder of a lease shows that it is alive.</summary>
    public TimeSpan LeaseBeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After how long without a sign of life whoever holds or removes something is taken for dead.</summary>
    public TimeSpan LeasePatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tells that the process is to stop.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The defaults, with what the environment says.</summary>
    /// <param name="variable">Reads a variable.</param>
    /// <param name="stop">Tells that the process is to stop.</param>
    public static S3Options FromEnvironment(Func<string, string?> variable, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var defaults = new S3Options { Stop = stop };
        return variable(PatienceVariable) is not { Length: > 0 } text ? defaults
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? defaults with { Patience = TimeSpan.FromSeconds(seconds) }
            : throw new InvalidDataException($"Expected a whole number of seconds in {PatienceVariable}, found '{text}'.");
    }
}
