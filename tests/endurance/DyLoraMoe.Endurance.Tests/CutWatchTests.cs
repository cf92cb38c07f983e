using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>Watches that do not last.</summary>
public sealed class CutWatchTests
{
    [Theory]
    [MemberData(nameof(Rounds.Each), MemberType = typeof(Rounds))]
    public Task Watches_that_end_every_second_lose_nothing(int round) => Scene.SettlesUnderAsync(round, new Faults { WatchLife = TimeSpan.FromSeconds(1) });
}
