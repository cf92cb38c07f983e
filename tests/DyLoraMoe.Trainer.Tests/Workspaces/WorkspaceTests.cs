using System.Text.Json.Nodes;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class WorkspaceTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    [Fact]
    public async Task A_workspace_learns_two_skills_and_sends_each_prompt_to_its_expert()
    {
        using var folder = new TemporaryFolder();
        Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        var table = (await Dylora.RunAsync("skills", "--workspace", folder["work"])).Succeeded().Output;
        Assert.Contains("echo", table, StringComparison.Ordinal);
        Assert.Contains("next", table, StringComparison.Ordinal);
        foreach (var (prompt, expert) in new[] { ("Echo: ab ->", "echo"), ("What follows upon c? It is", "next") })
        {
            var routed = JsonNode.Parse((await Dylora.RunAsync("route", "--workspace", folder["work"], "--prompt", prompt, "--json")).Succeeded().Output)!;
            Assert.Equal(expert, (string?)routed["experts"]![0]!["name"]);
        }

        var refit = (await Dylora.RunAsync("fit-router", "--workspace", folder["work"])).Succeeded();
        Assert.Contains("accepted", refit.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_a_known_skill_under_another_name_get_no_expert_of_their_own()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);

        var assessed = JsonNode.Parse((await Dylora.RunAsync(
            "assess", "--workspace", folder["work"], "--data", learnt.Data("echo-again"), "--context", "64", "--json")).Succeeded().Output)!;
        Assert.Contains((string?)assessed["outcome"], new[] { "covered", "extends" });
        Assert.Equal("echo", (string?)assessed["expert"]);

        var again = JsonNode.Parse((await Dylora.RunAsync(learnt.Learn(folder["work"], "echo-two", "echo-again", "--json"))).Succeeded().Output)!;
        Assert.Equal("echo", (string?)again["expert"]);
        Assert.True((double)again["coverage"]! >= 1);
    }

    [Fact]
    public async Task Data_are_assessed_as_they_would_be_learnt_however_often_and_in_whatever_order_they_come()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        Copy(learnt.Taught, folder["learns"]);
        File.WriteAllLines(folder["backwards.jsonl"], File.ReadLines(learnt.Data("echo-again")).Reverse().SelectMany(row => Enumerable.Repeat(row, 3)));
        File.WriteAllLines(folder["few.jsonl"], File.ReadLines(learnt.Data("echo-again")).Take(8).SelectMany(row => Enumerable.Repeat(row, 8)));

        var assessed = await AssessAsync(learnt.Data("echo-again"));
        (await Dylora.RunAsync(learnt.Learn(folder["learns"], "echo-two", "echo-again"))).Succeeded();
        var few = await Dylora.RunAsync("assess", "--workspace", folder["work"], "--data", folder["few.jsonl"]);

        Assert.Equal(assessed, await AssessAsync(folder["backwards.jsonl"]));
        var decided = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["learns"], "workspace.json")))!["skills"]!["echo-two"]!["assessment"];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(assessed), decided), $"{assessed} {decided}");
        Assert.Equal(1, few.ExitCode);
        Assert.Contains("Give more data", few.ErrorLine, StringComparison.Ordinal);

        async Task<string> AssessAsync(string data) => (await Dylora.RunAsync("assess", "--workspace", folder["work"], "--data", data, "--threads", "1", "--json")).Succeeded().Output;
    }

    [Fact]
    public async Task The_same_data_again_change_nothing()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        var before = Snapshot(folder["work"]);

        var again = (await Dylora.RunAsync(learnt.Learn(folder["work"], "echo", "echo"))).Succeeded();

        Assert.Contains("nothing to do: 'echo' has seen these data", again.Errors, StringComparison.Ordinal);
        Assert.Contains("--again teaches the skill to a new expert", again.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(folder["work"]));
    }

    [Fact]
    public async Task What_a_workspace_leaves_out_or_cuts_of_data_is_said_by_whoever_reads_them()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        File.WriteAllLines(folder["known.jsonl"], [.. File.ReadLines(learnt.Data("echo")), """{"prompt": "Echo: z ->", "anwser": " z z"}"""]);
        File.WriteAllLines(folder["long.jsonl"], Enumerable.Range(0, 9).Select(number => $$"""{"prompt": "{{new string('x', 400)}} {{number}}", "answer": " {{number}}"}"""));
        string[] known = ["--workspace", folder["work"], "--data", folder["known.jsonl"], "--skip-bad-rows"], tooLong = ["--workspace", folder["work"], "--data", folder["long.jsonl"]];

        var again = (await Dylora.RunAsync(["learn", "--skill", "echo", .. known])).Succeeded();
        var assessed = await Dylora.RunAsync(["assess", .. tooLong]);
        var refused = await Dylora.RunAsync(["learn", "--skill", "long", .. tooLong]);

        Assert.Matches("rows left out: 1 of [0-9]+, the first because: .*anwser", again.Errors);
        Assert.Contains("nothing to do", again.Errors, StringComparison.Ordinal);
        Assert.All([assessed, refused], outcome => Assert.Matches("the context of 64 tokens is too short: [1-9] prompts lost their beginning and 0 answers their end", outcome.Errors));
    }

    [Fact]
    public async Task A_set_checked_against_itself_is_accepted_and_a_damaged_expert_refused()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        var before = Snapshot(folder["work"]);
        var control = (await Dylora.RunAsync("check", "--workspace", folder["work"])).Succeeded();
        Assert.Contains("accepted", control.Output, StringComparison.Ordinal);

        (await Dylora.RunAsync(
            "train", "--model", learnt.Model, "--data", learnt.Data("next"), "--out", folder["other"], "--steps", "30", "--seeding-rate", "0.05", "--rows", "4", "--context", "64", "--threads", "1")).Succeeded();
        var refused = await Dylora.RunAsync("check", "--workspace", folder["work"], "--expert", "echo", "--adapter", folder["other"]);

        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("refused: echo", refused.Output, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(folder["work"]));
    }

    [Fact]
    public async Task The_weights_of_another_expert_are_still_there_once_they_were_checked_in_its_place()
    {
        using var folder = new TemporaryFolder();
        Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        var before = Snapshot(folder["work"]);
        var skills = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["work"], "workspace.json")))!;
        var weights = Directory.GetDirectories(Path.Combine(folder["work"], "artifacts"), ((string)skills["experts"]!["next"]!["digest"]!)["sha256:".Length..], SearchOption.AllDirectories);

        var check = await Dylora.RunAsync("check", "--workspace", folder["work"], "--expert", "echo", "--adapter", Assert.Single(weights));

        Assert.Contains(check.ExitCode, new[] { 0, 3 });
        Assert.Equal(before, Snapshot(folder["work"]));
    }

    [Fact]
    public async Task An_unused_expert_goes_to_the_archive_only_when_it_is_not_missed_and_comes_back()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        File.WriteAllText(folder["usage.json"], """{"(backbone)": 5000}""");
        string[] prune = ["prune", "--workspace", folder["work"], "--usage", folder["usage.json"]];

        var kept = (await Dylora.RunAsync([.. prune])).Succeeded();
        Assert.Contains("echo: kept", kept.Output, StringComparison.Ordinal);

        // Dearer than any loss can be: the set without it is still held against the regression budget.
        var held = await Dylora.RunAsync([.. prune, "--most-loss", "100"]);
        Assert.Equal(3, held.ExitCode);
        Assert.Contains("but without it the set was refused", held.Output, StringComparison.Ordinal);
        var json = await Dylora.RunAsync([.. prune, "--most-loss", "100", "--json"]);
        Assert.Equal((3, true), (json.ExitCode, (bool)JsonNode.Parse(json.Output)!["experts"]![0]!["refused"]!));
        var served = (await Dylora.RunAsync("prune", "--workspace", folder["work"], "--restore", "echo")).Succeeded();
        Assert.Contains("nothing to do: 'echo' is in the set already", served.Errors, StringComparison.Ordinal);
        var unknown = await Dylora.RunAsync("prune", "--workspace", folder["work"], "--restore", "none");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("no archived expert 'none'", unknown.ErrorLine, StringComparison.Ordinal);
        File.WriteAllText(folder["usage.json"], """{"echo": -5, "(backbone)": 5000}""");
        var negative = await Dylora.RunAsync([.. prune]);
        Assert.Equal(2, negative.ExitCode);
        Assert.Contains("usage.json says that expert 'echo' got -5 requests; expected 0 or more", negative.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_experts_of_one_skill_are_merged_and_the_one_that_went_is_in_the_archive()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        (await Dylora.RunAsync(learnt.Learn(folder["work"], "echo-two", "echo-again", "--novelty", "novel"))).Succeeded();

        var merged = await Dylora.RunAsync("merge", "--workspace", folder["work"], "--into", "echo", "--expert", "echo-two", "--rate", "0.01");

        // Whether a merge passes is the check's decision; either way the workspace says what it says.
        Assert.Equal(merged.ExitCode == 0 ? "echo" : "echo-two", await OwnerAsync());
        Assert.Contains(merged.ExitCode, new[] { 0, 3 });
        if (merged.ExitCode == 0)
        {
            (await Dylora.RunAsync("prune", "--workspace", folder["work"], "--restore", "echo-two")).Succeeded();
            Assert.Equal("echo-two", await OwnerAsync());
        }

        async Task<string?> OwnerAsync()
        {
            var skills = JsonNode.Parse((await Dylora.RunAsync("skills", "--workspace", folder["work"], "--json")).Succeeded().Output)!["skills"]!.AsArray();
            return (string?)skills.Single(skill => (string?)skill!["skill"] == "echo-two")!["expert"];
        }
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_line()
    {
        using var folder = new TemporaryFolder();
        var none = await Dylora.RunAsync("skills", "--workspace", folder["none"]);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("is no workspace", none.ErrorLine, StringComparison.Ordinal);

        var unnamed = await Dylora.RunAsync("learn", "--workspace", folder["new"], "--skill", "echo", "--data", learnt.Data("echo"));
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("name its backbone with --model", unnamed.ErrorLine, StringComparison.Ordinal);

        var name = await Dylora.RunAsync(learnt.Learn(folder["new"], "No Name", "echo"));
        Assert.Equal(2, name.ExitCode);
        Assert.Contains("lower-case letters", name.ErrorLine, StringComparison.Ordinal);

        var share = await Dylora.RunAsync(learnt.Learn(learnt.Taught, "next", "next", "--held-out", "10"));
        Assert.Equal(2, share.ExitCode);
        Assert.Contains("--held-out is 10, but the workspace was made with 20", share.ErrorLine, StringComparison.Ordinal);

        foreach (var verb in new[] { "learn --skill next", "assess", "tune --out tuning" })
        {
            var loss = await Dylora.RunAsync([.. verb.Split(' '), "--workspace", learnt.Taught, "--data", learnt.Data("next"), "--loss", "everything"]);
            Assert.Equal(2, loss.ExitCode);
            Assert.Contains("--loss is everything, but the workspace was made with answer", loss.ErrorLine, StringComparison.Ordinal);
        }

        File.WriteAllLines(folder["few.jsonl"], ["""{"prompt": "a", "answer": "b"}"""]);
        Copy(learnt.Taught, folder["work"]);
        var few = await Dylora.RunAsync("learn", "--workspace", folder["work"], "--skill", "few", "--data", folder["few.jsonl"]);
        Assert.Equal(1, few.ExitCode);
        Assert.Contains("Give more data", few.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workspace_that_was_killed_before_its_first_state_is_made_by_the_same_command()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["work/artifacts"]);
        File.WriteAllText(folder["work/lock"], "");
        File.WriteAllText(folder["work/workspace.json.1.tmp"], "{");

        using (var made = Workspace.OpenOrCreate(folder["work"], learnt.Model, new LearningPolicy().Data))
        {
            Assert.Equal(1, made.State.Generation);
        }

        Directory.CreateDirectory(folder["other/artifacts"]);
        File.WriteAllText(folder["other/artifacts/mine"], "");
        Assert.Contains("holds files", Assert.Throws<InvalidDataException>(() => Workspace.OpenOrCreate(folder["other"], learnt.Model, new LearningPolicy().Data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_was_killed_right_after_its_commit_leaves_nothing_and_one_before_it_goes_on()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        using (var workspace = Workspace.Open(folder["work"]))
        {
            workspace.Journal("run").Do("phase", () => 1);
        }

        using (var workspace = Workspace.Open(folder["work"]))
        {
            Assert.Equal(1, workspace.Journal("run").Do("phase", () => 2));
            workspace.Commit(workspace.State);
        }

        // What a kill within the writing of a file leaves, and a file of the user's own.
        var left = $".4711.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(folder["work/workspace.json"] + left, "{");
        File.WriteAllText(folder["work/library/library.json"] + left, "{");
        File.WriteAllText(folder["work/mine.tmp"], "");
        Workspace.Open(folder["work"]).Dispose();

        Assert.False(Directory.Exists(folder["work/runs"]));
        Assert.Equal(folder["work/mine.tmp"], Assert.Single(Directory.GetFiles(folder["work"], "*.tmp", SearchOption.AllDirectories)));
    }

    [Fact]
    public void What_a_kill_right_after_a_commit_leaves_goes_also_where_no_run_has_a_journal()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        string stray;
        using (var workspace = Workspace.Open(folder["work"]))
        {
            stray = workspace.Store.Publish(ArtifactKind.Router, path => File.WriteAllText(Path.Combine(path, "router.json"), "of a set before"));
            workspace.Commit(workspace.State);
        }

        using (var workspace = Workspace.Open(folder["work"]))
        {
            Assert.False(workspace.Store.Contains(ArtifactKind.Router, stray));
            Assert.True(workspace.Store.Contains(ArtifactKind.Router, workspace.SetOf(workspace.State.ActiveSet!).Document.Router));
        }

        Assert.False(Directory.Exists(folder["work/runs"]));
    }

    [Fact]
    public void A_backbone_is_the_same_with_a_separator_behind_its_folder()
    {
        using var folder = new TemporaryFolder();

        using var plain = Workspace.OpenOrCreate(folder["plain"], learnt.Model, new LearningPolicy().Data);
        using var trailing = Workspace.OpenOrCreate(folder["trailing"], learnt.Model + Path.DirectorySeparatorChar, new LearningPolicy().Data);

        Assert.Equal(plain.State.Backbone, trailing.State.Backbone);
    }

    [Fact]
    public async Task Another_backbone_is_refused_and_a_workspace_in_use_too()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        Copy(learnt.Model, folder["model"]);
        File.AppendAllText(Path.Combine(folder["model"], "config.json"), " ");

        var other = await Dylora.RunAsync("route", "--workspace", folder["work"], "--model", folder["model"], "--prompt", "a");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is not the backbone of this workspace", other.ErrorLine, StringComparison.Ordinal);

        using var held = new FileStream(Path.Combine(folder["work"], "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var busy = await Dylora.RunAsync("skills", "--workspace", folder["work"]);
        Assert.Equal(1, busy.ExitCode);
        Assert.Contains("in use by another process", busy.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_reads_no_data_of_skills_that_the_library_knows()
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        foreach (var samples in Directory.GetFiles(folder["work"], "samples.jsonl", SearchOption.AllDirectories))
        {
            File.Delete(samples);
        }

        (await Dylora.RunAsync("route", "--workspace", folder["work"], "--prompt", "Echo: ab ->")).Succeeded();
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("missing")]
    public async Task A_library_that_has_lost_a_file_says_which_folder_to_remove_and_is_made_again(string how)
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["work"]);
        string[] assess = ["assess", "--workspace", folder["work"], "--data", learnt.Data("echo-again"), "--threads", "1", "--json"];
        var before = (await Dylora.RunAsync(assess)).Succeeded();
        var (library, features) = (folder["work/library"], Directory.GetFiles(folder["work/library/features"]).Single(file => Path.GetFileName(file) != "anchors.safetensors"));
        File.Delete(features);
        if (how == "damaged")
        {
            File.WriteAllText(features, how);
        }

        var lost = await Dylora.RunAsync(assess);
        Assert.Equal(1, lost.ExitCode);
        Assert.Contains($"{features}: ", lost.ErrorLine, StringComparison.Ordinal);
        Assert.Contains($"remove the folder {library} to have all skills described again", lost.ErrorLine, StringComparison.Ordinal);

        Directory.Delete(library, recursive: true);
        Assert.Equal(before.Output, (await Dylora.RunAsync(assess)).Succeeded().Output);
    }

    [Theory]
    [InlineData("2-train")]
    [InlineData("commit")]
    public Task A_killed_run_goes_on_and_ends_as_if_it_had_not_been_killed(string moment) => ComesToTheSameAsync(moment);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("checkpoint")]
    [InlineData("1-assess")]
    [InlineData("3-router")]
    [InlineData("4-check")]
    public Task So_it_does_at_any_other_moment(string moment) => ComesToTheSameAsync(moment);

    private async Task ComesToTheSameAsync(string moment)
    {
        using var folder = new TemporaryFolder();
        Copy(learnt.Taught, folder["killed"]);
        using (var process = DyloraProcess.Start(learnt.Learn(folder["killed"], "next", "next", LearntWorkspace.CheckpointsOften)))
        {
            while (!process.HasExited && !HasCome(folder["killed"], moment))
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await DyloraProcess.RunAsync(learnt.Learn(folder["killed"], "next", "next", LearntWorkspace.CheckpointsOften))).Succeeded();

        var (whole, killed) = (Snapshot(await learnt.TaughtMoreAsync()), Snapshot(folder["killed"]));
        Assert.Equal(whole.Keys, killed.Keys);
        Assert.All(whole, file => Assert.Equal(file.Value, killed[file.Key]));
    }

    private static bool HasCome(string workspace, string moment)
    {
        var (runs, state) = (Path.Combine(workspace, "runs"), Path.Combine(workspace, "workspace.json"));
        try
        {
            if (moment == "commit")
            {
                return File.ReadAllText(state).Contains("\"next\"", StringComparison.Ordinal);
            }

            return Directory.Exists(runs) && (moment == "checkpoint"
                ? Directory.EnumerateDirectories(runs, "checkpoint-*", SearchOption.AllDirectories).Any()
                : Directory.EnumerateFiles(runs, "journal.json", SearchOption.AllDirectories).Any(file => File.ReadAllText(file).Contains($"\"{moment}\"", StringComparison.Ordinal)));
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Everything but the log, which has times, and the lock.
    private static SortedDictionary<string, string> Snapshot(string workspace) => new(
        Directory.EnumerateFiles(workspace, "*", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(workspace, path)))
            .Where(file => file.Name is not ("log.jsonl" or "lock" or "backbone.seen"))
            .ToDictionary(file => file.Name, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.Path)))), StringComparer.Ordinal);

    private static void Copy(string from, string to) => LearntWorkspace.Copy(from, to);
}
