using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>A skill whose data it has seen already, taught once more.</summary>
public class TaughtAgainTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    private static readonly LearningPolicy _anythingGoes = HeldBackExpertTests.Policy with { Regression = new RegressionBudget { Nats = 100 } };

    [Fact]
    public async Task A_skill_that_is_taught_again_gets_a_new_expert_and_no_data_twice()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        var ofRankTwo = WithRank(2);

        var (before, after, _) = Learn(folder["work"], "next", ofRankTwo);
        var (_, same, notes) = Learn(folder["work"], "next", ofRankTwo);
        var (_, other, _) = Learn(folder["work"], "next", WithRank(3));

        var (skill, earlier) = (after.Skills["next"], before.Skills["next"]);
        Assert.Equal(("next-2", 2, 1), (skill.Expert, after.Experts["next-2"].Rank, after.Experts["next-2"].Version));
        Assert.Equal(earlier.Datasets, skill.Datasets);
        Assert.Equal(earlier.Samples, skill.Samples);
        Assert.True(skill.BestLoss <= Math.Min(earlier.BestLoss!.Value, skill.ServedLoss!.Value), "the data are what they were, and so is the best loss");
        Assert.Equal("no skill is left to it: 'next' went to expert 'next-2'", after.Experts["next"].ArchivedBecause);
        Assert.Equal(after.Generation, same.Generation);
        Assert.Equal("nothing to do: 'next' was taught again with the same options; other options are tried", Assert.Single(notes));
        Assert.Equal(("next-3", 3), (other.Skills["next"].Expert, other.Experts["next-3"].Rank));
        Assert.Equal(["echo", "next-3"], other.Experts.Where(pair => !pair.Value.IsArchived).Select(pair => pair.Key));
        In(folder["work"], _anythingGoes, session =>
        {
            Assert.Equal(other.Skills["next"].Datasets, session.Library.Find("next")!.Datasets.Select(dataset => dataset.Digest));
            return new Maintenance(session, TestContext.Current.CancellationToken).FitRouter();
        });
    }

    [Fact]
    public void A_lesson_that_does_harm_is_refused_and_the_data_stay_learnt()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        var training = HeldBackExpertTests.Policy.Experts.Training;
        var harmful = HeldBackExpertTests.Policy with
        {
            Experts = HeldBackExpertTests.Policy.Experts with
            {
                Adapter = new LoraConfig { Rank = 4, Alpha = 4096 },
                Training = training with { MaxSteps = 2, KeepBest = false, Seeding = training.Seeding with { Rate = 1, MaxSteps = 1 }, Consolidation = training.Consolidation with { Rate = 1, FinalRate = 1 } },
            },
        };

        var (before, after, notes) = Learn(folder["work"], "echo", harmful, isRefused: true);
        var (_, same, again) = Learn(folder["work"], "echo", harmful, isRefused: true);

        Assert.Contains(notes, note => note.StartsWith("refused: ", StringComparison.Ordinal));
        Assert.Equal((SkillStatus.Ready, "echo"), (after.Skills["echo"].Status, after.Skills["echo"].Expert));
        Assert.Equal(before.Skills["echo"].Reason, after.Skills["echo"].Reason);
        Assert.Empty(after.Skills["echo"].RefusedDatasets);
        Assert.Equal(before.Skills["echo"].Assessment?.Reason, after.Skills["echo"].Assessment?.Reason);
        Assert.StartsWith("echo: refused: ", Assert.Single(SkillReport.Notes(after), note => note.Contains("refused", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(before.ActiveSet, after.ActiveSet);
        Assert.Equal(after.Generation, same.Generation);
        Assert.StartsWith("nothing to do: these data were refused for 'echo' before, with the same options and experts (refused: ", Assert.Single(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_skill_whose_expert_is_in_the_archive_is_taught_to_a_new_one()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        In(folder["work"], _anythingGoes, session => new Maintenance(session, TestContext.Current.CancellationToken)
            .Prune(new Dictionary<string, long> { ["echo"] = 5000, ["next"] = 0 }, new PruningPolicy { MostLoss = 100 }));

        var (before, after, _) = Learn(folder["work"], "next", _anythingGoes);

        Assert.True(before.Experts["next"].IsArchived);
        Assert.Equal(("next-2", 1), (after.Skills["next"].Expert, after.Skills["next"].Datasets.Count));
        Assert.Equal(NoveltyOutcome.Covered, In(folder["work"], _anythingGoes, session =>
            new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken).Assess(session.Data(after.Skills["next"].Datasets).AllTokens)).Outcome);
    }

    private static LearningPolicy WithRank(int rank) =>
        _anythingGoes with { Experts = _anythingGoes.Experts with { Adapter = _anythingGoes.Experts.Adapter with { Rank = rank, Alpha = 2 * rank }, Rank = new RankPolicy { BaseRank = rank, LargestRank = rank } } };

    private (WorkspaceState Before, WorkspaceState After, List<string> Notes) Learn(string folder, string skill, LearningPolicy policy, bool isRefused = false) => In(folder, policy, session =>
    {
        var (before, notes) = (session.Workspace.State, new List<string>());
        var digest = SkillData.Publish(session.Workspace.Store, Dataset.Load(learnt.Data(skill), new DatasetOptions()).Samples, session.Policy.Data.Context);
        var run = new LearnRun(session, notes.Add, new RunSettings(), TestContext.Current.CancellationToken);
        run.Run(new LearnRequest(skill, digest, Novelty: null) { Again = true });
        Assert.Equal(isRefused, run.IsRefused);
        return (before, session.Workspace.State, notes);
    });

    private static T In<T>(string folder, LearningPolicy policy, Func<WorkspaceSession, T> run)
    {
        using var workspace = Workspace.Open(folder);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), policy);
        return run(session);
    }
}
