using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

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
    public async Task The_language_loss_tunes_a_router_that_still_sends_each_prompt_to_its_expert()
    {
        using var folder = new TemporaryFolder();
        foreach (var work in new[] { "usual", "tuned" })
        {
            LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder[work]);
        }

        var usual = (await Dylora.RunAsync("fit-router", "--workspace", folder["usual"])).Succeeded();
        var tuned = (await Dylora.RunAsync("fit-router", "--workspace", folder["tuned"], "--language-loss", "20", "--language-rate", "0.01")).Succeeded();

        Assert.NotEqual(DigestOf(folder["usual"]), DigestOf(folder["tuned"]));
        foreach (var skill in new[] { "echo", "next" })
        {
            Assert.True(LossOf(tuned, skill) < LossOf(usual, skill) + 1e-3, $"{usual.Output}{tuned.Output}");
        }

        foreach (var (prompt, expert) in new[] { ("Echo: ab ->", "echo"), ("What follows upon c? It is", "next") })
        {
            var routed = JsonNode.Parse((await Dylora.RunAsync("route", "--workspace", folder["tuned"], "--prompt", prompt, "--json")).Succeeded().Output)!;
            Assert.Equal(expert, (string?)routed["experts"]![0]!["name"]);
        }

        // The table of the check: skill, samples, active, candidate, ...
        static double LossOf(Outcome outcome, string skill) => double.Parse(
            outcome.Output.Split('\n').Last(line => line.StartsWith(skill + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Without_an_expert_there_is_nothing_that_the_language_loss_could_tune()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        using (var workspace = Workspace.Open(folder["work"]))
        using (var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), new LearningPolicy { Regression = new RegressionBudget { Nats = 100 } }))
        {
            new Maintenance(session, TestContext.Current.CancellationToken).Prune(new Dictionary<string, long> { ["(backbone)"] = 5000 }, new PruningPolicy { MostLoss = 100 });
        }

        var refused = await Dylora.RunAsync("fit-router", "--workspace", folder["work"], "--language-loss", "5");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("no samples to tune the router by", refused.ErrorLine, StringComparison.Ordinal);
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
