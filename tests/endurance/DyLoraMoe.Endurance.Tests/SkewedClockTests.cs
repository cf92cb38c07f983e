using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>An API server whose clock is not the operator's.</summary>
public abstract class SkewedClockTests(TimeSpan skew)
{
    [Theory]
    [MemberData(nameof(Rounds.Each), MemberType = typeof(Rounds))]
    public Task Another_clock_changes_nothing(int round) => Scene.SettlesUnderAsync(round, new Faults { ClockSkew = skew });
}

public sealed class ClockTenMinutesAheadTests() : SkewedClockTests(TimeSpan.FromMinutes(10));

public sealed class ClockTenMinutesBehindTests() : SkewedClockTests(TimeSpan.FromMinutes(-10));
