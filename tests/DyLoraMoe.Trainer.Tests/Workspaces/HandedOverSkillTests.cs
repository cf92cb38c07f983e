using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>Data under the name of a known skill that are for another expert than the one that has it; whatever that costs is within the budget here.</summary>
public class HandedOverSkillTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    private static readonly LearningPolicy _anythingGoes = HeldBackExpertTests.Policy with
    {
        Regression = new RegressionBudget { Nats = 100 },

        // Whoever covers data covers them as it is.
        Experts = HeldBackExpertTests.Policy.Experts with { LearntWhole = 1 },
    };

    [Fact]
    public async Task Another_task_gets_an_expert_that_learns_all_data_of_the_skill()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        var after = Learn(folder["work"], "next", "tell", "novel");

        Assert.Equal(("next-2", 2), (after.Skills["next"].Expert, after.Skills["next"].Datasets.Count));
        RequireArchived(after, "next", "next-2");
        RequireLearntAll(folder["work"], after, before: 0);
    }

    [Fact]
    public async Task Data_that_another_expert_covers_take_the_skill_to_it()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        var after = Learn(folder["work"], "next", "echo-again", novelty: null);

        Assert.Equal(NoveltyOutcome.Covered, after.Skills["next"].Assessment!.Outcome);
        Assert.Equal(("echo", 1), (after.Skills["next"].Expert, after.Experts["echo"].Version));
        RequireArchived(after, "next", "echo");
    }

    [Fact]
    public async Task An_expert_that_a_skill_is_given_to_learns_all_of_its_data()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        var before = In(folder["work"], session => session.Workspace.State.Experts["echo"].Maturity.Evidence.SamplesSeen);
        var after = Learn(folder["work"], "next", "tell", "echo");

        Assert.Equal(("echo", 2), (after.Skills["next"].Expert, after.Experts["echo"].Version));
        RequireArchived(after, "next", "echo");
        RequireLearntAll(folder["work"], after, before);
    }

    [Fact]
    public async Task An_expert_that_has_another_skill_stays()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Learn(folder["work"], "echo-two", "echo-again", "echo");

        var after = Learn(folder["work"], "echo-two", "tell", "novel");

        Assert.Equal(("echo", "echo-two"), (after.Skills["echo"].Expert, after.Skills["echo-two"].Expert));
        Assert.DoesNotContain(after.Experts.Values, expert => expert.IsArchived);
    }

    private static void RequireArchived(WorkspaceState state, string expert, string heir)
    {
        Assert.True(state.Experts[expert].IsArchived);
        Assert.Equal($"no skill is left to it: 'next' went to expert '{heir}'", state.Experts[expert].ArchivedBecause);
    }

    // More samples than the newest data have.
    private static void RequireLearntAll(string folder, WorkspaceState state, long before)
    {
        var skill = state.Skills["next"];
        Assert.True(state.Experts[skill.Expert!].Maturity.Evidence.SamplesSeen > before + In(folder, session => session.Data([skill.Datasets[^1]]).Train.Count));
    }

    // And the set that comes of it can be fitted again.
    private WorkspaceState Learn(string folder, string skill, string data, string? novelty) => In(folder, session =>
    {
        var digest = SkillData.Publish(session.Workspace.Store, Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, session.Policy.Data.Context);
        new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken).Run(new LearnRequest(skill, digest, novelty));
        Assert.True(new Maintenance(session, TestContext.Current.CancellationToken).FitRouter().IsAccepted);
        var state = session.Workspace.State;
        Assert.Equal(
            state.Experts.Where(pair => !pair.Value.IsArchived).Select(pair => pair.Key), session.Workspace.SetOf(state.ActiveSet!).Document.Digests.Keys);
        return state;
    });

    private static T In<T>(string folder, Func<WorkspaceSession, T> run)
    {
        using var workspace = Workspace.Open(folder);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), _anythingGoes);
        return run(session);
    }
}
