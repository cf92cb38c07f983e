using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.ClusterHarness;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>Pods of jobs that end before their work does.</summary>
/// <param name="kind">Kind of the jobs.</param>
/// <param name="version">Version that the expert ends with.</param>
public abstract class KilledPodTests(string kind, int version)
{
    [Theory]
    [MemberData(nameof(Rounds.Each), MemberType = typeof(Rounds))]
    public async Task Job_pods_that_are_killed_are_run_again(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);
        await scene.Cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("slow", $"slow {kind}")));
        await BeginAsync(scene);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kill in new Func<Scene, V1Pod, Task>[] { DeleteAsync, DeleteAtOnceAsync, KillProcessAsync })
        {
            var running = await scene.RunningPodAsync(kind);
            Assert.True(names.Add(running.Name()), $"{running.Name()} was killed and runs.");
            await Task.Delay(TimeSpan.FromMilliseconds(20 * (round % 20)));
            await kill(scene, running);
        }

        await scene.ReadySkillsAsync("slow");
        await new Resource(scene.Cluster.Client, "loraexperts").UntilAsync(
            all => all is [var expert] && expert.IsReady() && (int)expert.Status("artifact", "version")! == version, Scene.Patience, $"one expert that is ready in version {version}");
        await scene.RequireNothingLeftOrTwiceAsync();
    }

    /// <summary>Has the jobs begun that follow on a skill; none does by itself.</summary>
    private protected virtual Task BeginAsync(Scene scene) => Task.CompletedTask;

    // As a drain does, with a moment to write a checkpoint.
    private static async Task DeleteAsync(Scene scene, V1Pod pod) => await scene.Cluster.Kubectl.RunAsync("delete", "pod", pod.Name(), "--grace-period=1", "--wait=true");

    private static async Task DeleteAtOnceAsync(Scene scene, V1Pod pod) => await scene.Cluster.Kubectl.RunAsync("delete", "pod", pod.Name(), "--grace-period=0", "--force", "--wait=true");

    // As the kernel does when memory is short: nobody asked for it.
    private static async Task KillProcessAsync(Scene scene, V1Pod pod)
    {
        var job = pod.GetLabel("job-name");
        var process = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).First(id => int.TryParse(id, out _) && IsProgramOf(CommandOf(id!), job));
        Process.GetProcessById(int.Parse(process!, CultureInfo.InvariantCulture)).Kill();
        while ((await scene.Cluster.Client.CoreV1.ListNamespacedPodAsync("default")).Items.Any(each => each.Name() == pod.Name() && each.Status.Phase == "Running"))
        {
            await Task.Delay(50);
        }
    }

    // Not the shell that watches over it, which has the same arguments.
    private static bool IsProgramOf(string[] command, string job) => command is [var program, .. var arguments] && Path.GetFileName(program) == "dylora" && arguments.Contains(job);

    private static string[] CommandOf(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return [];
        }
    }
}

public sealed class PodsKilledDuringTrainTests() : KilledPodTests("Train", version: 1);

public sealed class PodsKilledDuringConsolidateTests() : KilledPodTests("Consolidate", version: 2)
{
    private protected override async Task BeginAsync(Scene scene)
    {
        await scene.ReadySkillsAsync("slow");
        await scene.Nights.CreateAsync(Manifests.Night("once"));
    }
}
