namespace DyLoraMoe.ClusterHarness;

/// <summary>What goes wrong between the operator and the API server.</summary>
internal sealed record Faults
{
    public static Faults None { get; } = new();

    /// <summary>Of every hundred calls, how many are answered with 409, 429, 500 or not at all, or do what they should and are not answered.</summary>
    public int FailedPercent { get; init; }

    /// <summary>Longest life of a watch; null for no limit.</summary>
    public TimeSpan? WatchLife { get; init; }

    /// <summary>Whether nothing comes through.</summary>
    public bool IsDown { get; init; }

    /// <summary>How far the API server's clock is ahead of the operator's.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>Called before every write, with its number: throws or kills what it likes.</summary>
    public Func<int, string, Task>? BeforeWrite { get; init; }

    /// <summary>Called after every write that changed something came through, before its answer does, with its number among those.</summary>
    public Func<int, string, Task>? AfterChange { get; init; }
}
