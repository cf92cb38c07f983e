using System.Globalization;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>
/// Real processes under real faults. Each test ends where an undisturbed run ends. <c>DYLORA_FAULT_ROUNDS</c> repeats each (20 times: <c>DYLORA_FAULT_ROUNDS=20 make endurance</c>).
/// </summary>
public sealed class FaultTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("DYLORA_FAULT_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 1;

    public static TheoryData<int> EachRound => [.. Enumerable.Range(1, Rounds)];

    public static TheoryData<string, int> EachPhase =>
        [.. from round in Enumerable.Range(1, Rounds) from phase in new[] { "Assess", "Train", "FitRouter", "Check" } select (phase, round)];

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task An_operator_that_is_killed_after_any_write_goes_on_where_it_was(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        var kills = 0;
        var next = round;
        var victim = (ManagedProcess?)null;
        scene.Api.Faults = new Faults
        {
            // Killed between the write and its answer: at the worst moment, a different one each time.
            AfterWrite = async (number, _) =>
            {
                if (number >= next && victim is { } process && kills < 12)
                {
                    next = number + 3;
                    kills++;
                    await process.KillAsync();
                }
            },
        };

        var settled = scene.PlayAsync(_patience);
        while (!settled.IsCompleted)
        {
            await using var process = await OperatorProcess.StartAsync(scene.KubeConfig, waits: false);
            victim = process;
            await Task.WhenAny(settled, process.ExitedAsync());
            victim = null;
        }

        await settled;
        Assert.True(kills >= 5, $"{kills} kills");
        await scene.RequireUndisturbedStateAsync();
    }

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task Watches_that_end_every_second_lose_nothing(int round) =>
        await SettlesUnder(round, new Faults { WatchLife = TimeSpan.FromSeconds(1) });

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task Calls_that_fail_one_time_in_ten_lose_nothing(int round) =>
        await SettlesUnder(round, new Faults { FailedPercent = 10 });

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task An_API_server_that_is_away_for_a_while_loses_nothing(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);

        await scene.PlayAsync(_patience, during: async () =>
        {
            await FirstDatasetAsync(scene);
            scene.Api.Faults = Faults.None with { IsDown = true };
            await Task.Delay(TimeSpan.FromSeconds(Rounds > 1 ? 60 : 15));
            scene.Api.Faults = Faults.None;
        });

        await scene.RequireUndisturbedStateAsync();
    }

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task Of_two_operators_one_leads_and_the_other_takes_over(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var first = await OperatorProcess.StartAsync(scene.KubeConfig);
        await using var second = await OperatorProcess.StartAsync(scene.KubeConfig);

        await scene.PlayAsync(_patience, during: async () =>
        {
            await FirstDatasetAsync(scene);
            await first.KillAsync();
        });

        await scene.RequireUndisturbedStateAsync();
    }

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task An_API_server_whose_clock_is_ten_minutes_ahead_changes_nothing(int round) =>
        await SettlesUnder(round, new Faults { ClockSkew = TimeSpan.FromMinutes(10) });

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task An_API_server_whose_clock_is_ten_minutes_behind_changes_nothing(int round) =>
        await SettlesUnder(round, new Faults { ClockSkew = TimeSpan.FromMinutes(-10) });

    [Theory]
    [MemberData(nameof(EachPhase))]
    public async Task Data_that_change_in_the_middle_of_a_job_are_what_is_learned_in_the_end(string phase, int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);
        await scene.Cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("changing", $"slow {phase}")));
        await scene.RunningPodAsync(phase, _patience);

        await scene.Cluster.Kubectl.ApplyAsync(Manifests.Skill("changing", "extends changing", samples: 150, seed: round));

        await scene.Skills.UntilAsync("changing", skill => skill.IsReady() && (int?)skill.Status("dataset", "samples") == 150, _patience, "Ready with the new data");
        var backbone = await new Resource(scene.Cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady(), _patience, "Ready");
        Assert.Equal(1, (int)backbone.Status("experts")!);
        await scene.RequireOneJobPerInputAsync();
    }

    [Theory]
    [MemberData(nameof(EachRound))]
    public async Task Job_pods_that_are_killed_are_run_again(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);
        await scene.Cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("slow", "takes 3")));
        for (var kill = 0; kill < 3; kill++)
        {
            var running = await scene.RunningPodAsync("train", _patience);
            await scene.Cluster.Kubectl.RunAsync("delete", "pod", running, "--grace-period=1", "--wait=true");
        }

        await scene.Skills.UntilAsync("slow", skill => skill.IsReady(), _patience, "Ready");
        await scene.RequireOneJobPerInputAsync();
    }

    private static async Task FirstDatasetAsync(Scene scene) =>
        await scene.Skills.UntilAsync(all => all.Any(skill => skill.Status("dataset", "digest") is not null), _patience, "the first dataset");

    private static async Task SettlesUnder(int round, Faults faults)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        scene.Api.Faults = faults;
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);

        await scene.PlayAsync(_patience);

        await scene.RequireUndisturbedStateAsync();
    }
}
