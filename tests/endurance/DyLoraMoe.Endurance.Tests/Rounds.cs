using System.Globalization;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>How often each fault is tried: once, or <c>DYLORA_FAULT_ROUNDS</c> times, each a little different.</summary>
public static class Rounds
{
    public static int Count => int.TryParse(Environment.GetEnvironmentVariable("DYLORA_FAULT_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 1;

    public static TheoryData<int> Each => [.. Enumerable.Range(1, Count)];

    /// <summary>Each round, in each life that a cluster may have.</summary>
    public static MatrixTheoryData<Life, int> InEachLife => new(Enum.GetValues<Life>(), Enumerable.Range(1, Count));
}
