using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Commands;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class RefusedExtensionTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    // Less than any of these extensions does harm (0.2 nats and more), more than a router with one more expert does (0.001).
    private static readonly RegressionBudget _littleMayChange = new() { Nats = 0.05, Share = 0 };

    private static readonly LearningPolicy _policy = new()
    {
        Regression = _littleMayChange,
        Experts = new ExpertPolicy
        {
            Adapter = new LoraConfig { Rank = 4, Alpha = 8 },
            Rank = new RankPolicy { BaseRank = 4, LargestRank = 4 },
            Mode = new ModeChoiceOptions { Mode = ModeRequest.Full },
            LearntWhole = 0,
            Training = TrainingOptions.Expert with
            {
                Rows = 4,
                Context = 64,
                MaxSteps = 20,
                EvaluateEvery = 20,
                KeepBest = false,
                Seeding = new SeedingOptions { Rate = 0.02, MaxSteps = 10 },

                // So that an extension does harm.
                Consolidation = new ConsolidationOptions { Rate = 0.1, FinalRate = 0.1 },
            },
        },
    };

    [Fact]
    public void Known_data_that_cannot_be_learnt_further_leave_their_expert_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var (before, after, notes) = Learn(folder, "echo-two", "echo-again", _policy);

        Assert.Equal(NoveltyOutcome.Covered, after.Skills["echo-two"].Assessment!.Outcome);
        Assert.Contains(notes, note => note.Contains("goes on learning", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("half of the way", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("1/4 of the way", StringComparison.Ordinal));
        Assert.Equal((SkillStatus.Ready, "echo"), (after.Skills["echo-two"].Status, after.Skills["echo-two"].Expert));
        Assert.Equal(before.Experts["echo"].Digest, after.Experts["echo"].Digest);
        Assert.True(after.Experts["echo"].Tokens > before.Experts["echo"].Tokens, "what the refused extension cost is not forgotten");
    }

    [Fact]
    public void New_data_that_cannot_extend_an_expert_get_one_of_their_own()
    {
        using var folder = new TemporaryFolder();

        // Any head start asks for an extension, and one is tried however wrong the expert is: the prompts share no words that others could take the place of.
        var (before, after, notes) = Learn(folder, "next", "next-variously", _policy with
        {
            Experts = _policy.Experts with { LeastHeadStart = 0, LeastShareToProbe = double.MinValue },
            Novelty = new NoveltyOptions { RecoveredShare = 0, LeastGain = 0, LeastGainShare = 0 },
        });

        Assert.Contains(notes, note => note.Contains("cannot be extended: a new one instead", StringComparison.Ordinal));
        Assert.Equal((SkillStatus.Ready, "next"), (after.Skills["next"].Status, after.Skills["next"].Expert));
        Assert.Equal(before.Experts["echo"].Digest, after.Experts["echo"].Digest);
        Assert.Equal(["echo", "next"], after.Experts.Keys);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Data_that_do_not_invoke_an_expert_get_one_of_their_own(double recoveredShare)
    {
        using var folder = new TemporaryFolder();
        LearnOn(folder, "echo", "echo", Invoked("echo"), novelty: null);
        var policy = _policy with
        {
            Experts = _policy.Experts with { LeastHeadStart = 0, LeastShareToProbe = double.MinValue },
            Novelty = new NoveltyOptions { RecoveredShare = recoveredShare, LeastGain = 0, LeastGainShare = 0 },
        };

        var (before, after, notes) = LearnOn(folder, "next", "next", policy, novelty: null);

        Assert.Equal(AdapterMode.Activated, before.Experts["echo"].Mode);
        Assert.Equal((SkillStatus.Ready, "next"), (after.Skills["next"].Status, after.Skills["next"].Expert));
        Assert.Equal(NoveltyOutcome.Novel, after.Skills["next"].Assessment!.Outcome);
        Assert.Null(after.Skills["next"].HeadStart);
        Assert.Null(after.Experts["next"].StartedFrom);
        Assert.Equal(before.Experts["echo"].Digest, after.Experts["echo"].Digest);
        Assert.DoesNotContain(notes, note => note.Contains("cannot be extended", StringComparison.Ordinal));
    }

    [Fact]
    public void A_known_task_in_words_that_do_not_invoke_its_expert_is_new()
    {
        using var folder = new TemporaryFolder();
        LearnOn(folder, "echo", "echo", Invoked("echo"), novelty: null);

        var (before, after, _) = LearnOn(folder, "tell", "tell", _policy, novelty: null);

        Assert.Contains("none of the prompts has that expert's invocation tokens", after.Skills["tell"].Assessment!.Reason, StringComparison.Ordinal);
        Assert.Equal((NoveltyOutcome.Novel, "tell"), (after.Skills["tell"].Assessment!.Outcome, after.Skills["tell"].Expert));
        Assert.Equal(before.Experts["echo"].Digest, after.Experts["echo"].Digest);
    }

    [Fact]
    public void Data_that_do_not_invoke_the_expert_that_is_to_learn_them_are_refused()
    {
        using var folder = new TemporaryFolder();
        LearnOn(folder, "echo", "echo", Invoked("echo"), novelty: null);

        var error = Assert.Throws<InvalidDataException>(() => LearnOn(folder, "next", "next", _policy, "echo"));

        Assert.Contains("so it would learn nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expert_that_answers_worse_than_the_bare_backbone_is_refused_be_it_the_first()
    {
        using var folder = new TemporaryFolder();
        var training = _policy.Experts.Training;
        var harmful = _policy with
        {
            Experts = _policy.Experts with
            {
                Adapter = new LoraConfig { Rank = 4, Alpha = 4096 },
                Training = training with { MaxSteps = 2, Seeding = training.Seeding with { Rate = 1, MaxSteps = 1 }, Consolidation = training.Consolidation with { Rate = 1, FinalRate = 1 } },
            },
        };

        var (_, after, notes) = LearnOn(folder, "next", "next", harmful, novelty: null);

        Assert.Equal(SkillStatus.Refused, after.Skills["next"].Status);
        Assert.StartsWith("refused: next itself gains nothing: it goes from ", after.Skills["next"].Reason, StringComparison.Ordinal);
        Assert.Contains(after.Skills["next"].Reason, notes);
        Assert.Null(after.ActiveSet);
        Assert.Empty(after.Experts);
    }

    [Fact]
    public void What_was_refused_is_not_tried_again_unless_something_else_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var strict = _policy with { Regression = new RegressionBudget { Nats = 0, Share = 0 } };
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);

        var (_, refused, _) = LearnOn(folder, "next", "next", strict, "echo");
        var (_, same, again) = LearnOn(folder, "next", "next", strict, "echo");
        var (_, _, others) = LearnOn(folder, "next", "next", strict with { Seed = 2 }, "echo");
        var (_, learntAtLast, _) = LearnOn(folder, "next", "next", _policy, "novel");

        Assert.Equal((SkillStatus.Refused, 1), (refused.Skills["next"].Status, refused.Skills["next"].RefusedDatasets.Count));
        Assert.Equal(refused.Generation, same.Generation);
        Assert.StartsWith("nothing to do", Assert.Single(again), StringComparison.Ordinal);
        Assert.DoesNotContain(others, note => note.StartsWith("nothing to do", StringComparison.Ordinal));
        Assert.Equal((SkillStatus.Ready, 0), (learntAtLast.Skills["next"].Status, learntAtLast.Skills["next"].RefusedDatasets.Count));
    }

    [Fact]
    public void A_skill_goes_on_saying_why_it_is_ready_and_why_some_data_are_refused()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        var strict = _policy with { Regression = new RegressionBudget { Nats = 0, Share = 0 } };

        var (before, refused, _) = LearnOn(folder, "echo", "next", strict, "echo");
        var (_, learntAfter, _) = LearnOn(folder, "echo", "echo-more", _policy with { Regression = new RegressionBudget { Nats = 100 } }, "echo");

        var why = Assert.Single(refused.Skills["echo"].RefusedBecause).Value;
        Assert.StartsWith("refused: ", why, StringComparison.Ordinal);
        Assert.Equal((SkillStatus.Ready, before.Skills["echo"].Reason), (refused.Skills["echo"].Status, refused.Skills["echo"].Reason));
        Assert.Contains($"echo: {why}", SkillReport.Notes(refused));
        Assert.Equal("extending 'echo' was asked for", learntAfter.Skills["echo"].Reason);
        Assert.Contains($"echo: {why}", SkillReport.Notes(learntAfter));
    }

    [Fact]
    public void A_workspace_from_before_attempts_and_reasons_of_refusals_were_noted_still_opens()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        var file = Path.Combine(folder["work"], "workspace.json");
        var state = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.True(state["skills"]!["echo"]!.AsObject().Remove("refused_attempts"));
        Assert.True(state["skills"]!["echo"]!.AsObject().Remove("refused_because"));
        state["skills"]!["echo"]!["refused_datasets"] = new JsonArray("sha256:" + new string('0', 64));
        File.WriteAllText(file, state.ToJsonString());

        using var workspace = Workspace.Open(folder["work"]);

        var skill = workspace.State.Skills["echo"];
        Assert.Empty(skill.RefusedAttempts);
        Assert.Contains($"echo: {skill.Reason}", SkillReport.Notes(workspace.State));
    }

    // Experts of this policy act from the first word of these data on.
    private LearningPolicy Invoked(string data)
    {
        var tokenizer = TextTokenizer.Load(learnt.Model);
        var samples = SkillData.Of(Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, tokenizer, _policy.Data).AllTokens;
        var experts = _policy.Experts;
        return _policy with
        {
            Experts = experts with
            {
                Adapter = experts.Adapter with { InvocationTokens = InvocationText.Encode("Echo", tokenizer, samples) },
                Mode = new ModeChoiceOptions { Mode = ModeRequest.Activated },
                Training = experts.Training with { Consolidation = new ConsolidationOptions { Rate = 0.01, FinalRate = 0.01 } },
            },
        };
    }

    private (WorkspaceState Before, WorkspaceState After, List<string> Notes) Learn(TemporaryFolder folder, string skill, string data, LearningPolicy policy)
    {
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        return LearnOn(folder, skill, data, policy, novelty: null);
    }

    private (WorkspaceState Before, WorkspaceState After, List<string> Notes) LearnOn(TemporaryFolder folder, string skill, string data, LearningPolicy policy, string? novelty)
    {
        using var workspace = Workspace.OpenOrCreate(folder["work"], learnt.Model, policy.Data);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), policy);
        var (before, notes) = (workspace.State, new List<string>());
        var digest = SkillData.Publish(workspace.Store, Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, session.Policy.Data.Context);
        new LearnRun(session, notes.Add, new RunSettings(), TestContext.Current.CancellationToken).Run(new LearnRequest(skill, digest, novelty));
        return (before, workspace.State, notes);
    }
}
