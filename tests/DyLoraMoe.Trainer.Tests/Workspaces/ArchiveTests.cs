using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>Two experts with skills that nobody confuses, one of which goes to the archive: whatever that costs is within the budget here.</summary>
public class ArchiveTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    private static readonly LearningPolicy _anythingGoes = new() { Regression = new RegressionBudget { Nats = 100 } };

    [Fact]
    public async Task An_expert_that_is_hardly_used_goes_to_the_archive_and_comes_back_with_its_prompts()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        var usage = new Dictionary<string, long> { ["echo"] = 5000, ["next"] = 0 };

        var decisions = Maintain(folder["work"], maintenance => maintenance.Prune(usage, new PruningPolicy { MostLoss = 100 }));

        Assert.Equal([("echo", false), ("next", true)], decisions.Select(pair => (pair.Key, pair.Value.Archives)));
        Assert.NotEqual("next", await RouteAsync(folder["work"], "What follows upon c? It is"));
        Assert.Equal("echo", await RouteAsync(folder["work"], "Echo: ab ->"));
        Assert.Null(StateOf(folder["work"]).Skills["next"].RoutedShare);
        Assert.Contains("next is archived", (await Dylora.RunAsync("skills", "--workspace", folder["work"])).Succeeded().Output, StringComparison.Ordinal);

        (await Dylora.RunAsync("prune", "--workspace", folder["work"], "--restore", "next")).Succeeded();

        Assert.NotNull(StateOf(folder["work"]).Skills["next"].RoutedShare);
        Assert.Equal("next", await RouteAsync(folder["work"], "What follows upon c? It is"));
        Assert.Equal("echo", await RouteAsync(folder["work"], "Echo: ab ->"));
        Assert.DoesNotContain("archived", (await Dylora.RunAsync("skills", "--workspace", folder["work"])).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_archived_expert_knew_is_not_new_while_another_serves_it()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "twin", "echo-again", "--novelty", "novel"))).Succeeded();
        Maintain(folder["work"], maintenance => maintenance.Prune(new Dictionary<string, long> { ["echo"] = 0, ["twin"] = 5000 }, new PruningPolicy { MostLoss = 100 }));
        Assert.True(StateOf(folder["work"]).Experts["echo"].IsArchived);

        var assessed = JsonNode.Parse((await Dylora.RunAsync("assess", "--workspace", folder["work"], "--data", learnt.Data("echo-more"), "--json")).Succeeded().Output)!;
        var again = (await Dylora.RunAsync(learnt.Learn(folder["work"], "echo", "echo"))).Succeeded();

        Assert.Equal("twin", (string?)assessed["expert"]);
        Assert.Contains("nothing to do: 'echo' has seen these data, but its expert 'echo' is in the archive (it got 0.00 % of 5000 requests", again.Errors, StringComparison.Ordinal);
        Assert.Contains("'dylora prune --restore echo' takes it back", again.Errors, StringComparison.Ordinal);

        // Its prompts are held to where they go now, whatever is learnt later.
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "next", "next", "--novelty", "novel"))).Succeeded();
        Assert.Equal("twin", await RouteAsync(folder["work"], "Echo: ab ->"));
        Assert.Equal("next", await RouteAsync(folder["work"], "What follows upon c? It is"));
    }

    [Fact]
    public async Task A_merge_is_undone_when_the_expert_that_went_comes_back()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        var before = StateOf(folder["work"]);
        Assert.True(Maintain(folder["work"], maintenance => maintenance.Merge("echo", "next").Trial!.IsAccepted));
        var merged = StateOf(folder["work"]);
        Assert.Equal(("echo", true), (merged.Skills["next"].Expert, merged.Experts["next"].IsArchived));
        Assert.NotEqual(before.Experts["echo"].Digest, merged.Experts["echo"].Digest);

        Assert.True(Maintain(folder["work"], maintenance => maintenance.Restore("next").IsAccepted));

        var after = StateOf(folder["work"]);
        Assert.Equal((before.Experts["echo"].Digest, before.Experts["next"].Digest), (after.Experts["echo"].Digest, after.Experts["next"].Digest));
        Assert.Equal(merged.Experts["echo"].Version + 1, after.Experts["echo"].Version);
        Assert.Equal(before.Experts["echo"].OwnLoss, after.Experts["echo"].OwnLoss, 1e-5);
        foreach (var (skill, prompt) in new[] { ("echo", "Echo: ab ->"), ("next", "What follows upon c? It is") })
        {
            Assert.Equal(skill, after.Skills[skill].Expert);
            Assert.Equal(before.Skills[skill].Evidence!.Expert.Sum(), after.Skills[skill].Evidence!.Expert.Sum(), 1e-2);
            Assert.Equal(skill, await RouteAsync(folder["work"], prompt));
        }
    }

    [Fact]
    public async Task A_merge_and_its_undoing_that_are_there_already_are_nothing_to_do()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Assert.True(Maintain(folder["work"], maintenance => maintenance.Merge("echo", "next").Trial!.IsAccepted));
        await SaysAsync("'next' was merged into 'echo' already", "merge", "--into", "echo", "--expert", "next");
        Assert.Equal(2, (await Dylora.RunAsync("merge", "--workspace", folder["work"], "--into", "next", "--expert", "echo")).ExitCode);

        Assert.True(Maintain(folder["work"], maintenance => maintenance.Restore("next").IsAccepted));
        await SaysAsync("'next' is in the set already", "prune", "--restore", "next");

        async Task SaysAsync(string why, params string[] command)
        {
            var before = StateOf(folder["work"]).Generation;
            var again = (await Dylora.RunAsync([.. command, "--workspace", folder["work"], "--json"])).Succeeded();
            Assert.Contains($"nothing to do: {why}", again.Errors, StringComparison.Ordinal);
            Assert.True((bool)JsonNode.Parse(again.Output)!["is_accepted"]!);
            Assert.Equal(before, StateOf(folder["work"]).Generation);
        }
    }

    [Fact]
    public async Task An_expert_that_has_nothing_but_what_another_gets_back_goes_to_the_archive()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Maintain(folder["work"], maintenance => maintenance.Merge("echo", "next"));
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "echo", "echo-again", "--novelty", "novel"))).Succeeded();
        Assert.Equal(("echo-2", "echo"), (StateOf(folder["work"]).Skills["echo"].Expert, StateOf(folder["work"]).Skills["next"].Expert));

        Assert.True(Maintain(folder["work"], maintenance => maintenance.Restore("next").IsAccepted));

        var after = StateOf(folder["work"]);
        Assert.Equal(["echo-2", "next"], after.Experts.Where(pair => !pair.Value.IsArchived).Select(pair => pair.Key));
        Assert.Equal("no skill is left to it: 'next' went to expert 'next'", after.Experts["echo"].ArchivedBecause);
    }

    [Fact]
    public async Task An_expert_that_took_skills_and_learnt_since_keeps_what_it_learnt()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Maintain(folder["work"], maintenance => maintenance.Merge("echo", "next"));
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "echo", "echo-again", "--novelty", "echo"))).Succeeded();
        var before = StateOf(folder["work"]);

        Maintain(folder["work"], maintenance => maintenance.Restore("next"));

        var after = StateOf(folder["work"]);
        Assert.Equal(before.Experts["echo"].Digest, after.Experts["echo"].Digest);
        Assert.Equal(("echo", "next"), (after.Skills["echo"].Expert, after.Skills["next"].Expert));
        Assert.Equal("next", await RouteAsync(folder["work"], "What follows upon c? It is"));
    }

    [Fact]
    public async Task An_expert_whose_skills_others_have_learnt_stays_in_the_archive()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Maintain(folder["work"], maintenance => maintenance.Prune(new Dictionary<string, long> { ["echo"] = 5000, ["next"] = 0 }, new PruningPolicy { MostLoss = 100 }));
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "next", "next-variously", "--novelty", "novel"))).Succeeded();

        var refused = await Dylora.RunAsync("prune", "--workspace", folder["work"], "--restore", "next");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("stays in the archive", refused.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_neither_state_nor_archive_names_goes_with_the_next_change()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Directory.CreateDirectory(folder["work/artifacts/experts/mine"]);
        RequireNamed(experts: 2, datasets: 2);

        // Nothing changes, so that the set that was refused is there until something does.
        var strict = new LearningPolicy { Regression = new RegressionBudget { Nats = 0, Share = 0 } };
        Assert.True(Maintain(folder["work"], maintenance => maintenance.Prune(new Dictionary<string, long> { ["echo"] = 5000 }, new PruningPolicy { MostLoss = 100 }), strict)["next"].IsRefused);
        Assert.Equal(2, Directory.GetDirectories(folder["work/artifacts/sets"]).Length);
        var before = StateOf(folder["work"]);
        Assert.True(Maintain(folder["work"], maintenance => maintenance.Merge("echo", "next").Trial!.IsAccepted));

        // The one that serves, and the two that it was made of.
        RequireNamed(experts: 3, datasets: 2);
        Assert.True(Maintain(folder["work"], maintenance => maintenance.Restore("next").IsAccepted));
        RequireNamed(experts: 2, datasets: 2);
        Assert.Equal(before.Experts.Select(pair => pair.Value.Digest), StateOf(folder["work"]).Experts.Select(pair => pair.Value.Digest));
        Assert.True(Directory.Exists(folder["work/artifacts/experts/mine"]));

        void RequireNamed(int experts, int datasets)
        {
            using var workspace = Workspace.Open(folder["work"]);
            ArtifactKind[] kinds = [ArtifactKind.Set, ArtifactKind.Router, ArtifactKind.Expert, ArtifactKind.Dataset];
            Assert.Equal([1, 1, experts, datasets], kinds.Select(kind => workspace.Store.List(kind).Count));
            Assert.Equal(workspace.State.ActiveSet, Assert.Single(workspace.Store.List(ArtifactKind.Set)));
        }
    }

    private static WorkspaceState StateOf(string folder)
    {
        using var workspace = Workspace.Open(folder);
        return workspace.State;
    }

    private static async Task<string?> RouteAsync(string folder, string prompt)
    {
        var routed = JsonNode.Parse((await Dylora.RunAsync("route", "--workspace", folder, "--prompt", prompt, "--json")).Succeeded().Output)!;
        return (string?)routed["experts"]![0]!["name"];
    }

    private static T Maintain<T>(string folder, Func<Maintenance, T> run, LearningPolicy? policy = null)
    {
        using var workspace = Workspace.Open(folder);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), policy ?? _anythingGoes);
        return run(new Maintenance(session, TestContext.Current.CancellationToken));
    }
}
