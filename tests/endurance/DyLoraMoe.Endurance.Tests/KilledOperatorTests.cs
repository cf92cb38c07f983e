using System.Collections.Concurrent;
using System.Globalization;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>An operator that is killed with its writes done and their answers lost.</summary>
public sealed class KilledOperatorTests(ITestOutputHelper output)
{
    private const int Between = 4;

    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public async Task An_operator_that_is_killed_after_any_write_goes_on_where_it_was(Life life, int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        var victim = (ManagedProcess?)null;
        var kills = new ConcurrentQueue<string>();
        scene.Api.Faults = new Faults
        {
            // Every fourth change, another fourth in each round: so four rounds come to each of them. What a new process applies again is none.
            AfterChange = async (number, name) =>
            {
                if (number % Between == round % Between && Interlocked.Exchange(ref victim, null) is { } process)
                {
                    kills.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{number} {name}"));
                    await process.KillAsync();
                }
            },
        };

        var settled = scene.PlayAsync(life);
        while (!settled.IsCompleted)
        {
            // The one before is gone for certain; waiting for its lease to run out would only take time.
            await using var process = await OperatorProcess.StartAsync(scene.KubeConfig, waits: false, environment: ("DYLORA_LEADER_ELECTION", "false"));
            victim = process;
            await Task.WhenAny(settled, process.ExitedAsync());
        }

        await settled;
        output.WriteLine($"{kills.Count} kills, after:\n{string.Join('\n', kills)}");
        Assert.True(kills.Count >= 10, $"{kills.Count} kills");
        scene.Api.Faults = Faults.None;
        await using var last = await OperatorProcess.StartAsync(scene.KubeConfig, environment: ("DYLORA_LEADER_ELECTION", "false"));
        await scene.RequireUndisturbedStateAsync(life);
    }
}
