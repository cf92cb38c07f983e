using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Endurance.Tests;

/// <summary><see cref="Life.Day"/>.</summary>
internal static class DayLife
{
    private static readonly string _first = Manifests.All(Manifests.Store, Manifests.Backbone(), Manifests.Skill("reverse", "takes 0.5"), Manifests.Skill("sum"));

    private static readonly string _second = Manifests.All(
        Manifests.Skill("backwards", "extends reverse"), Manifests.Skill("same", "covered-by sum"), Manifests.Skill("harmful", "regresses reverse"));

    /// <summary>Tells the story and waits for its end.</summary>
    /// <param name="scene">Where it happens.</param>
    /// <param name="during">What to do once the first piece of work is done, while the others go on.</param>
    public static async Task PlayAsync(Scene scene, Func<Task> during)
    {
        await scene.Cluster.Kubectl.ApplyAsync(_first);
        await scene.Skills.UntilAsync(all => all.Any(skill => skill.Status("dataset", "digest") is not null), Scene.Patience, "the first dataset");
        await during();
        await scene.ReadySkillsAsync("reverse", "sum");

        await scene.Cluster.Kubectl.ApplyAsync(_second);
        await scene.ReadySkillsAsync("reverse", "sum", "backwards", "same");
        await scene.Skills.UntilAsync("harmful", skill => skill.Has("Ready", "False", "RegressionRefused"), Scene.Patience, "RegressionRefused");
    }
}
