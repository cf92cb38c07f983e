using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Tests.Dreams;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class NightJobTests(JobBackbone backbone) : IClassFixture<JobBackbone>
{
    [Fact]
    public void An_expert_goes_over_what_it_knows_and_becomes_a_version_that_serves_no_worse()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        var set = jobs.SetOf(jobs.FitRouter(echo), echo);
        jobs.Active = set;

        var result = jobs.Run(Night(jobs, echo), name: "night");

        Assert.Equal((JobKind.Consolidate, Reasons.ConsolidationComplete), (result.Kind, result.Reason));
        Assert.Equal((2, "Full", 4), (result.Train!.Version, result.Train.Mode, result.Train.Rank));
        Assert.True(result.Consolidate!.LossAfter < result.Consolidate.LossBefore, result.Message);
        Assert.Equal(result.Consolidate.LossAfter!.Value, result.Train.ExpertLoss!.Value, 1e-9);
        var newer = JobHarness.ExpertOf("echo", result.Train);
        Assert.True(jobs.Check(jobs.SetOf(jobs.FitRouter(newer), newer)).Check!.IsAccepted);

        jobs.Notes.Clear();
        Assert.Equal(result.Train, jobs.Run(Night(jobs, echo), name: "night").Train);
        Assert.Empty(jobs.Notes);
    }

    [Fact]
    public void What_is_not_better_by_as_much_as_is_asked_makes_no_version()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var before = Directory.GetDirectories(Path.Combine(jobs.Store, "experts"));
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));

        var result = jobs.Run(request with { Consolidate = request.Consolidate! with { LeastImprovement = 100 } });

        Assert.Equal(Reasons.NothingImproved, result.Reason);
        Assert.Null(result.Train);
        Assert.Equal(result.Consolidate!.LossBefore, result.Consolidate.LossAfter);
        Assert.Equal(before, Directory.GetDirectories(Path.Combine(jobs.Store, "experts")));
    }

    [Fact]
    public void Training_ends_with_its_budget_of_tokens_and_within_the_drift_that_is_allowed()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        var request = Night(jobs, echo);

        var few = jobs.Run(request with { Consolidate = request.Consolidate! with { Tokens = 2000, LeastImprovement = 0 } });
        Assert.InRange(few.Train?.Tokens ?? 0, 0, 4000);

        var still = jobs.Run(request with { Consolidate = request.Consolidate! with { Recipe = JobHarness.Recipe with { DriftBudget = 1e-9 } } });
        Assert.Equal(Reasons.NothingImproved, still.Reason);
        Assert.Matches(@" Training ended after \d+ steps: drift on the anchors is \S+ of 1E-09 nats per token\.$", still.Message);
        Assert.DoesNotContain("Training", few.Message, StringComparison.Ordinal);

        var bounded = jobs.Train("echo", echo, jobs.Skills[0] with { Name = "again" });
        bounded = bounded with { Train = bounded.Train! with { Keep = [], Recipe = JobHarness.Recipe with { DriftBudget = 0.5, Steps = 24 } } };
        Assert.Equal(2, jobs.Run(bounded).Train!.Version);
    }

    [Fact]
    public void Dreams_are_told_of_and_those_that_are_kept_are_learnt_from()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));
        request = request with { Consolidate = request.Consolidate! with { Dreams = new DreamInput(24, 4, 20), LeastImprovement = 0, Recipe = JobHarness.Recipe with { Steps = 12 } } };

        var result = jobs.Run(request, name: "night");

        var journal = Directory.GetFiles(Path.Combine(jobs.Store, "checkpoints", "night"), "dreams.jsonl", SearchOption.AllDirectories).Single();
        var dreams = DreamJournal.Read(journal).Dreams;
        Assert.Equal((24, 24), (result.Consolidate!.Dreamt, dreams.Count));
        Assert.Equal(dreams.Count(dream => dream.IsKept), result.Consolidate.Dreams);
        Assert.Contains(jobs.Notes, note => note.StartsWith("24 dreams: ", StringComparison.Ordinal));
        Assert.Equal(result.Consolidate, jobs.Run(request, name: "again").Consolidate);

        // A job that was killed in its night has a part of the journal and no phase that is done; one of another version, a journal that it cannot use.
        var whole = File.ReadAllText(journal);
        File.Delete(Path.Combine(Path.GetDirectoryName(journal)!, "journal.json"));
        File.WriteAllText(journal, Cut(whole, 20));
        Assert.Equal(result.Consolidate, jobs.Run(request, name: "night").Consolidate);
        Assert.Equal(whole, File.ReadAllText(journal));
        Assert.DoesNotContain(jobs.Notes, note => note.Contains("afresh", StringComparison.Ordinal));

        File.Delete(Path.Combine(Path.GetDirectoryName(journal)!, "journal.json"));
        File.WriteAllText(journal, "{}\n");
        Assert.Equal(result.Consolidate, jobs.Run(request, name: "night").Consolidate);
        Assert.Equal(whole, File.ReadAllText(journal));
        Assert.Contains(jobs.Notes, note => note.StartsWith("the night begins afresh", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sample_with_an_empty_prompt_is_no_trouble_to_dreams()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        File.WriteAllLines(folder["data.jsonl"], [.. File.ReadLines(backbone.Data("echo")), """{"prompt": "", "answer": "Nothing was asked."}"""]);
        jobs.Skills[0] = jobs.Skills[0] with { Dataset = jobs.Assess("echo", folder["data.jsonl"]).Dataset };
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));

        var result = jobs.Run(request with { Consolidate = request.Consolidate! with { Dreams = new DreamInput(8, 2, 20), Recipe = JobHarness.Recipe with { Steps = 4 } } });

        Assert.Equal((JobOutcome.Succeeded, 8), (result.Outcome, result.Consolidate!.Dreamt));
    }

    [Fact]
    public void A_night_without_episodes_to_learn_is_a_night_like_others()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));
        request = request with { Consolidate = request.Consolidate! with { LeastImprovement = 100, Episodes = new EpisodeInput(0.5, 16) } };

        var result = jobs.Run(request, folder["memory"]);

        Assert.Equal((Reasons.NothingImproved, 0), (result.Reason, result.Consolidate!.Episodes));
        Assert.Null(result.Train);
    }

    [Fact]
    [Trait("Length", "Long")]
    public void Shared_episodes_are_memories_of_a_night_and_go_on_only_while_they_are_there()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        jobs.Active = jobs.SetOf(jobs.FitRouter(echo), echo);
        jobs.Skills[0] = jobs.Skills[0] with { Since = Told.AddDays(-30) };
        var memory = new EpisodeStore(new EpisodeStoreOptions { Folder = folder["memory"] }, TimeProvider.System);
        var worded = memory.Remember(EpisodeOf("Echo: zyxw ->", null) with { Recurrence = 4 }).Id;
        var free = memory.Remember(EpisodeOf("Who was here?", null)).Id;
        memory.Remember(EpisodeOf("Echo: qqqq ->", "ana"));
        var request = Night(jobs, echo);
        request = request with { Consolidate = request.Consolidate! with { Dreams = new DreamInput(24, 2, 20), Episodes = new EpisodeInput(0.5, 16), LeastImprovement = 100 } };

        jobs.Run(request, folder["memory"], "night");

        var journal = Directory.GetFiles(Path.Combine(jobs.Store, "checkpoints", "night"), "dreams.jsonl", SearchOption.AllDirectories).Single();
        var nodes = DreamJournal.Read(journal).Graph.Nodes;
        Assert.Equal([("(episodes)", free, 1.0), ("echo", worded, 3.0)], nodes.Where(node => node.Episode is not null).Select(node => (node.Skill, node.Episode!, node.Strength)).Order());
        Assert.Equal((0.5, 1.0), (nodes[0].Recency, nodes[^1].Recency));
        Assert.DoesNotContain("secret", File.ReadAllText(journal), StringComparison.Ordinal);
        Assert.DoesNotContain("qqqq", File.ReadAllText(journal), StringComparison.Ordinal);

        memory.Forget("", worded);
        File.Delete(Path.Combine(Path.GetDirectoryName(journal)!, "journal.json"));
        jobs.Run(request, folder["memory"], "night");

        Assert.Contains(jobs.Notes, note => note.StartsWith("the night begins afresh", StringComparison.Ordinal));
        Assert.Equal(free, Assert.Single(DreamJournal.Read(journal).Graph.Nodes, node => node.Episode is not null).Episode);
    }

    [Fact]
    public void What_was_learnt_from_dreams_of_episodes_that_are_gone_is_thrown_away()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        Directory.CreateDirectory(folder["memory"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));
        request = request with { Consolidate = request.Consolidate! with { Dreams = new DreamInput(4, 1, 20), Episodes = new EpisodeInput(0.5, 16), LeastImprovement = 0 } };
        Assert.Equal(Reasons.ConsolidationComplete, jobs.Run(request, folder["memory"], "night").Reason);

        var file = Directory.GetFiles(Path.Combine(jobs.Store, "checkpoints", "night"), "journal.json", SearchOption.AllDirectories).Single();
        var dreams = JsonNode.Parse(File.ReadAllText(file))!["dreams"]!.DeepClone();
        dreams["episodes"] = new JsonArray("gone");
        File.WriteAllText(file, new JsonObject { ["dreams"] = dreams }.ToJsonString());
        var result = jobs.Run(request, folder["memory"], "night");

        Assert.Equal(Reasons.NothingImproved, result.Reason);
        Assert.Contains(jobs.Notes, note => note.Contains("thrown away", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_that_the_skills_own_samples_break_is_wrong_input_and_those_of_other_experts_count_for_nothing()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));

        Assert.Contains("holds for none", Assert.Throws<InvalidInputException>(() => Run(new RuleInput("echo", "Echo: .* -> never"))).Message, StringComparison.Ordinal);
        Assert.Contains("no regular expression", Assert.Throws<InvalidInputException>(() => Run(new RuleInput("echo", "("))).Message, StringComparison.Ordinal);
        Assert.Equal(4, Run(new RuleInput("echo", @"Echo: (\w+) -> \1 again and again\."), new RuleInput("next", "(")).Consolidate!.Dreamt);

        JobResult Run(params RuleInput[] rules) => jobs.Run(request with { Consolidate = request.Consolidate! with { Recipe = JobHarness.Recipe with { Steps = 4 }, Dreams = new DreamInput(4, 2, 20) { Rules = rules } } });
    }

    [Fact]
    public async Task A_judge_gets_the_key_of_the_environment_and_real_samples()
    {
        await using var server = await JudgeServer.StartAsync();
        var data = new SkillData([], []) with { Train = [.. Enumerable.Range(0, 9).Select(number => Sample.Pair($"Say {number}", $" {number}"))], HeldOut = [Sample.Pair("held", " out")] };
        using var judge = JobDreams.JudgeOf(new JudgeInput(server.Address, "wise", 0.75), name => name == JudgeInput.KeyVariable ? "sk-of-a-test\n" : null, [data]);

        judge.Judge([new DreamtAnswer("Say x", " x")], TestContext.Current.CancellationToken);

        var (_, authorization, body) = Assert.Single(server.Asked);
        Assert.Equal((0.75, "Bearer sk-of-a-test"), (judge.Least, authorization));
        var question = body["messages"]![1]!["content"]!.ToString();
        Assert.Equal(4, question.Split("\"prompt\":\"Say ").Length - 2);
        Assert.DoesNotContain("held", question, StringComparison.Ordinal);
    }

    [Fact]
    public void A_judge_at_no_address_is_wrong_input()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));

        Assert.Throws<InvalidInputException>(() => jobs.Run(request with { Consolidate = request.Consolidate! with { Dreams = new DreamInput(4, 2, 20, new JudgeInput("judge.example", "wise", 0.5)) } }));
    }

    [Fact]
    public void A_request_without_skills_is_refused()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = Night(jobs, JobHarness.ExpertOf("echo", backbone.Trained));

        Assert.Throws<InvalidInputException>(() => jobs.Run(request with { Consolidate = request.Consolidate! with { Skills = [] } }));
        Assert.Throws<InvalidInputException>(() => jobs.Run(request with { Consolidate = null }));
    }

    /// <summary>A journal that ends in the middle of a line.</summary>
    internal static string Cut(string journal, int whole) => string.Join('\n', journal.Split('\n').Take(whole + 1).Append("{\"number\":"));

    private static DateTimeOffset Told { get; } = TimeProvider.System.GetUtcNow().AddDays(-2);

    private static Episode EpisodeOf(string question, string? user) => new()
    {
        Id = Episode.IdOf("", user, question),
        User = user,
        Prompt = question,
        Answer = "a secret",
        Origin = EpisodeOrigin.Correction,
        First = Told,
        Time = Told,
        Surprise = 4,
    };

    private static JobRequest Night(JobHarness jobs, ExpertInput from) => jobs.Request(JobKind.Consolidate) with
    {
        Skills = [],
        Consolidate = new ConsolidateInput { From = from, Skills = jobs.Skills, Recipe = JobHarness.Recipe, Seconds = 600 },
    };
}
