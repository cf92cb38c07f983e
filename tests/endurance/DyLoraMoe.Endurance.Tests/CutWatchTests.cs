using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>Watches that do not last.</summary>
public sealed class CutWatchTests
{
    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public Task Watches_that_end_every_second_lose_nothing(Life life, int round) => Scene.SettlesUnderAsync(life, round, new Faults { WatchLife = TimeSpan.FromSeconds(1) });
}
