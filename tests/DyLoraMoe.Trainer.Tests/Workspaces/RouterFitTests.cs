using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class RouterFitTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    [Fact]
    public async Task The_temperature_stays_until_another_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);

        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--temperature", "0.5")).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "next", "next"))).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--past", "0")).Succeeded();
        Assert.Equal(0.5, TemperatureOf(folder["work"]));
        (await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--temperature", "1")).Succeeded();
        Assert.Equal(1, TemperatureOf(folder["work"]));
    }

    [Theory]
    [InlineData("--steps", "10")]
    [InlineData("--rate", "0.01")]
    [InlineData("--past", "0")]
    [InlineData("--seed", "2")]
    public async Task Every_option_of_a_fit_changes_the_fit(params string[] option)
    {
        using var folder = new TemporaryFolder();
        foreach (var work in new[] { "usual", "other" })
        {
            LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder[work]);
            (await Dylora.RunAsync(["fit-router", "--workspace", folder[work], .. work == "other" ? option : []])).Succeeded();
        }

        Assert.NotEqual(DigestOf(folder["usual"]), DigestOf(folder["other"]));
    }

    [Fact]
    public async Task A_merge_takes_the_rank_and_the_steps_that_it_is_given()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        var merged = await Dylora.RunAsync("merge", "--workspace", folder["work"], "--into", "echo", "--expert", "next", "--rank", "1", "--steps", "2");

        Assert.Contains("at rank 1), 2 steps of distillation", merged.Errors, StringComparison.Ordinal);
    }

    private static double TemperatureOf(string folder)
    {
        using var router = RouterOf(folder);
        return router.Options.Temperature;
    }

    private static string DigestOf(string folder)
    {
        using var router = RouterOf(folder);
        return router.Digest;
    }

    private static DynamicHybridRouter RouterOf(string folder)
    {
        using var workspace = Workspace.Open(folder);
        return DynamicHybridRouter.Load(workspace.Store.Open(ArtifactKind.Router, workspace.SetOf(workspace.State.ActiveSet!).Document.Router));
    }
}
