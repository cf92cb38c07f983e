using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary><see cref="Life.Night"/>.</summary>
internal static class NightLife
{
    // Longer than what takes the time to write a Consolidation, so that it is there before it is due.
    private static readonly TimeSpan _notice = TimeSpan.FromSeconds(10);

    private static readonly string _evening = Manifests.All(
        Manifests.Store,
        Manifests.Backbone(maxConcurrentJobs: 3),
        Manifests.Skill("calm", "slow consolidate 120"),
        Manifests.Skill("odd", "nights-regress reverse"),
        Manifests.Skill("reverse", "slow consolidate"),
        Manifests.Skill("sum", "slow consolidate"));

    /// <summary>Tells the story and waits for its end.</summary>
    /// <param name="scene">Where it happens.</param>
    /// <param name="during">What to do while the three runs are under way and one of them is deleted.</param>
    public static async Task PlayAsync(Scene scene, Func<Task> during)
    {
        await scene.Cluster.Kubectl.ApplyAsync(_evening);
        await scene.ReadySkillsAsync("calm", "odd", "reverse", "sum");

        await scene.Nights.CreateAsync(Manifests.Night("nightly", $"schedule: '{Soon()}', experts: [odd, reverse]"));
        await scene.Nights.UntilAsync("nightly", night => night.Status("run") is not null, Scene.Patience, "a run");
        await scene.Nights.CreateAsync(Manifests.Night("once", "experts: [sum]"));
        await scene.Nights.CreateAsync(Manifests.Night("deleted", "experts: [calm]"));
        await scene.RunningPodAsync("Consolidate", "dylora.dev/consolidation=deleted");
        await Task.WhenAll(during(), scene.Cluster.Kubectl.RunAsync("delete", "consolidation", "deleted", "--timeout=480s"));
        await scene.Nights.UntilAsync("nightly", night => HasEnded(night, run: 1), Scene.Patience, "the end of its run");
        await scene.Nights.UntilAsync("once", night => HasEnded(night, run: 1), Scene.Patience, "the end of its run");

        await scene.Cluster.Kubectl.RunAsync("annotate", "consolidation", "once", "dylora.dev/retry-at=again");
        await scene.Nights.UntilAsync("once", night => HasEnded(night, run: 2), Scene.Patience, "the end of its second run");
    }

    private static bool HasEnded(JsonObject? night, int run) => (int?)night.Status("run", "number") == run && night.Status("run", "completionTime") is not null;

    // A minute of this year: it comes once.
    private static string Soon()
    {
        var due = TimeProvider.System.GetUtcNow() + _notice + TimeSpan.FromMinutes(1);
        return due.ToString("m H d M '*'", CultureInfo.InvariantCulture);
    }
}
