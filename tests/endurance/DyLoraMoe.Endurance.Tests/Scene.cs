using System.Collections.Concurrent;
using DyLoraMoe.ClusterHarness;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>A cluster with a <see cref="Life"/> in it, and faults between it and its operators.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>How long any step may take, with faults and on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private static readonly TimeSpan _rest = TimeSpan.FromMinutes(1);

    // Each played once, by whoever asks first.
    private static readonly ConcurrentDictionary<Life, Lazy<Task<string>>> _undisturbed = new();

    private Scene(TestCluster cluster, Journal journal, FaultyApi api, string kubeConfig) => (Cluster, Journal, Api, KubeConfig) = (cluster, journal, api, kubeConfig);

    public TestCluster Cluster { get; }

    public Resource Skills => new(Cluster.Client, "skills");

    public Resource Nights => new(Cluster.Client, "consolidations");

    /// <summary>What there ever was.</summary>
    public Journal Journal { get; }

    /// <summary>The API as the operator sees it.</summary>
    public FaultyApi Api { get; }

    /// <summary>How the operator reaches <see cref="Api"/>.</summary>
    public string KubeConfig { get; }

    public static async Task<Scene> StartAsync(int seed)
    {
        var cluster = await TestCluster.StartAsync();
        try
        {
            var kubeConfig = cluster.Folder["faulty"];
            return new Scene(cluster, await Journal.StartAsync(cluster.Client), await FaultyApi.StartAsync(cluster.KubeConfig, kubeConfig, seed), kubeConfig);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One operator, the same faults from the first call to the last.</summary>
    public static async Task SettlesUnderAsync(Life life, int round, Faults faults)
    {
        await using var scene = await StartAsync(seed: round);
        scene.Api.Faults = faults;
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);

        await scene.PlayAsync(life);

        await scene.RequireUndisturbedStateAsync(life);
    }

    /// <summary>Tells the story as people would, past whatever stands between the operator and the API, and waits for its end.</summary>
    /// <param name="life">The story.</param>
    /// <param name="during">What to do in the middle of things; its end is waited for.</param>
    public async Task PlayAsync(Life life, Func<Task>? during = null)
    {
        during ??= () => Task.CompletedTask;
        await (life == Life.Day ? DayLife.PlayAsync(this, during) : NightLife.PlayAsync(this, during));
        await new Resource(Cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady(), Patience, "Ready");
    }

    /// <summary>Waits until all of these skills are ready.</summary>
    public Task ReadySkillsAsync(params string[] names) =>
        Skills.UntilAsync(all => names.All(name => all.Any(skill => skill.Name() == name && skill.IsReady())), Patience, $"{string.Join(", ", names)} to be ready");

    /// <summary>The end is that of an undisturbed life, nothing is left over, and nothing was done twice on the way.</summary>
    public async Task RequireUndisturbedStateAsync(Life life)
    {
        var expected = await _undisturbed.GetOrAdd(life, each => new(() => UndisturbedAsync(each))).Value;
        var state = new EndState(Cluster.Client);
        await SettleAsync(async () => await state.PictureAsync() == expected);
        Assert.Equal(expected, await state.PictureAsync());
        await RequireNothingLeftOrTwiceAsync();
    }

    /// <summary>Nothing is left over, and nothing was done twice on the way.</summary>
    public async Task RequireNothingLeftOrTwiceAsync()
    {
        var state = new EndState(Cluster.Client);
        await SettleAsync(async () => await state.LeftOversAsync() is "");
        Assert.Equal("", await state.LeftOversAsync());
        Journal.RequireNothingTwice();
    }

    /// <summary>A pod of a job of that kind, and with that label, that runs.</summary>
    public async Task<V1Pod> RunningPodAsync(string kind, string? label = null)
    {
        using var end = new CancellationTokenSource(Patience);
        while (true)
        {
            var pods = await Cluster.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: $"dylora.dev/job-kind={kind},{label}".TrimEnd(','), cancellationToken: end.Token);
            if (pods.Items.FirstOrDefault(pod => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase == "Running") is { } running)
            {
                return running;
            }

            await Task.Delay(50, end.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Api.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    private static async Task<string> UndisturbedAsync(Life life)
    {
        await using var scene = await StartAsync(seed: 0);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);
        await scene.PlayAsync(life);
        await scene.RequireNothingLeftOrTwiceAsync();
        return await new EndState(scene.Cluster.Client).PictureAsync();
    }

    // The skills' conditions are there a moment before the last child is tidied away.
    private static async Task SettleAsync(Func<Task<bool>> isSettled)
    {
        using var end = new CancellationTokenSource(_rest);
        while (!await isSettled() && !end.IsCancellationRequested)
        {
            await Task.Delay(200, CancellationToken.None);
        }
    }
}
