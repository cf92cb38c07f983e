using DyLoraMoe.ClusterHarness;
using k8s.Models;

namespace DyLoraMoe.Endurance.Tests;

/// <summary>A skill whose data change in the middle of a phase: the new data are what is learnt in the end.</summary>
/// <param name="phase">Kind of the job that is under way.</param>
public abstract class ChangedDataTests(string phase)
{
    [Theory]
    [MemberData(nameof(Rounds.Each), MemberType = typeof(Rounds))]
    public async Task Data_that_change_meanwhile_are_what_is_learnt_in_the_end(int round)
    {
        await using var scene = await Scene.StartAsync(seed: round);
        await using var process = await OperatorProcess.StartAsync(scene.KubeConfig);
        await scene.Cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("older")));
        await scene.Skills.UntilAsync("older", skill => skill.IsReady(), Scene.Patience, "Ready");
        await scene.Cluster.Kubectl.ApplyAsync(Manifests.Skill("changing", $"slow {phase}"));
        await UnderWayAsync(scene);
        await Task.Delay(TimeSpan.FromMilliseconds(100 * (round % 20)));

        await scene.Cluster.Kubectl.ApplyAsync(Manifests.Skill("changing", samples: 150, seed: round));

        var changed = await scene.Skills.UntilAsync("changing", skill => skill.IsReady() && (int?)skill.Status("dataset", "samples") == 150, Scene.Patience, "Ready with the new data");
        var experts = await new Resource(scene.Cluster.Client, "loraexperts").UntilAsync(all => all.All(expert => expert.IsReady()), Scene.Patience, "experts that are ready");
        Assert.Equal(["changing", "older"], experts.Select(expert => expert.Name()).Order(StringComparer.Ordinal));
        var expert = experts.Single(expert => expert.Name() == "changing");
        var learnt = Assert.Single(expert.Status("trainedOn")!.AsArray())!;
        Assert.Equal((string)changed.Status("dataset", "digest")!, (string)learnt["dataset"]!);
        Assert.Equal((string)expert.Status("artifact", "digest")!, (string)expert.Status("admittedDigest")!);
        var backbone = await new Resource(scene.Cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady(), Scene.Patience, "Ready");
        Assert.Equal(2, (int)backbone.Status("experts")!);
        await scene.RequireNothingLeftOrTwiceAsync();
    }

    /// <summary>Waits until the phase has begun.</summary>
    private protected virtual Task UnderWayAsync(Scene scene) => scene.RunningPodAsync(phase);
}

public sealed class DataChangedDuringAssessTests() : ChangedDataTests("Assess");

public sealed class DataChangedDuringTrainTests() : ChangedDataTests("Train");

public sealed class DataChangedDuringFitRouterTests() : ChangedDataTests("FitRouter");

public sealed class DataChangedDuringCheckTests() : ChangedDataTests("Check");

public sealed class DataChangedDuringConsolidateTests() : ChangedDataTests("Consolidate")
{
    private protected override async Task UnderWayAsync(Scene scene)
    {
        await scene.ReadySkillsAsync("changing");
        await scene.Nights.CreateAsync(Manifests.Night("once", "experts: [changing]"));
        await base.UnderWayAsync(scene);
    }
}

public sealed class DataChangedDuringRollTests() : ChangedDataTests("Roll")
{
    private protected override async Task UnderWayAsync(Scene scene) =>
        await new Resource(scene.Cluster.Client, "loraexperts").UntilAsync(
            "changing",
            expert => expert.Status("artifact", "digest") is not null,
            Scene.Patience,
            "a version").ContinueWith(_ => RollingAsync(scene), TaskScheduler.Default).Unwrap();

    private static async Task RollingAsync(Scene scene) =>
        await new Resource(scene.Cluster.Client, "backbones").UntilAsync("tiny", backbone => backbone.Status("pendingRevision") is not null || (int?)backbone.Status("experts") == 2, Scene.Patience, "a roll");
}
