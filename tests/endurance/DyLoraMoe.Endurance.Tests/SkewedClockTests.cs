using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>An API server whose clock is not the operator's.</summary>
public abstract class SkewedClockTests(TimeSpan skew)
{
    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public Task Another_clock_changes_nothing(Life life, int round) => Scene.SettlesUnderAsync(life, round, new Faults { ClockSkew = skew });
}

public sealed class ClockTenMinutesAheadTests() : SkewedClockTests(TimeSpan.FromMinutes(10));

public sealed class ClockTenMinutesBehindTests() : SkewedClockTests(TimeSpan.FromMinutes(-10));
