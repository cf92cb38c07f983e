using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>Two operators, of which the one that leads is killed.</summary>
public sealed class TwoOperatorsTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _handOver = TimeSpan.FromSeconds(20);

    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public async Task Of_two_operators_one_leads_and_the_other_takes_over(Life life, int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        var otherConfig = scene.Cluster.Folder["other"];
        await using var otherApi = await FaultyApi.StartAsync(scene.Cluster.KubeConfig, otherConfig, seed: round);
        await using var one = await OperatorProcess.StartAsync(scene.KubeConfig);
        await using var other = await OperatorProcess.StartAsync(otherConfig);

        await scene.PlayAsync(life, during: async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100 * round));
            var (leader, next) = WorkOf(scene.Api) > 0 ? (one, otherApi) : (other, scene.Api);
            Assert.Equal(0, WorkOf(next));

            await leader.KillAsync();

            var killed = Stopwatch.GetTimestamp();
            while (WorkOf(next) == 0 && Stopwatch.GetElapsedTime(killed) < _handOver)
            {
                await Task.Delay(50);
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"handed over in {Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s"));
            Assert.NotEqual(0, WorkOf(next));
        });

        await scene.RequireUndisturbedStateAsync(life);
    }

    // Both contend for the lease; only one may write anything else.
    private static int WorkOf(FaultyApi api) =>
        api.Calls.Where(call => !call.Key.StartsWith("GET ", StringComparison.Ordinal) && !call.Key.Contains("/leases", StringComparison.Ordinal)).Sum(call => call.Value);
}
