using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>Calls that fail now and then.</summary>
public sealed class FailedCallTests
{
    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public Task Calls_that_fail_one_time_in_ten_lose_nothing(Life life, int round) => Scene.SettlesUnderAsync(life, round, new Faults { FailedPercent = 10 });
}
