using DyLoraMoe.ClusterHarness;
using k8s;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>An API server that cannot be reached for a minute, while jobs go on.</summary>
public sealed class AbsentServerTests
{
    private static readonly TimeSpan _absence = TimeSpan.FromMinutes(1);

    [Theory]
    [MemberData(nameof(Rounds.InEachLife), MemberType = typeof(Rounds))]
    public async Task An_API_server_that_is_away_for_a_minute_loses_nothing(Life life, int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);

        await scene.PlayAsync(life, during: async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100 * round));
            scene.Api.Faults = Faults.None with { IsDown = true };
            await Task.Delay(_absence);
            scene.Api.Faults = Faults.None;
        });

        await scene.RequireUndisturbedStateAsync(life);
    }

    [Fact]
    public async Task An_API_server_that_goes_takes_its_open_watches_along()
    {
        await using var scene = await Scene.StartAsync(seed: 1);
        using var client = new HttpClient { BaseAddress = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(scene.KubeConfig).Host) };
        await using var watch = await client.GetStreamAsync("/api/v1/namespaces/default/configmaps?watch=true", TestContext.Current.CancellationToken);

        scene.Api.Faults = Faults.None with { IsDown = true };

        await Assert.ThrowsAnyAsync<IOException>(async () => await new StreamReader(watch).ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(_absence, TestContext.Current.CancellationToken));
    }
}
