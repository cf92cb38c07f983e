using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class CrossFitTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    // No row is held back, for the new expert would lose some of its own prompts by it.
    private static readonly LearningPolicy _policy = HeldBackExpertTests.Policy with { RouterTraining = HeldBackExpertTests.Policy.RouterTraining with { HoldBack = 0 } };

    [Fact]
    public void Training_samples_speak_for_an_expert_that_takes_a_single_held_out_prompt()
    {
        using var folder = new TemporaryFolder();
        Learn(folder["taught"], new RegressionBudget(), "echo", "echo-once-tell");
        LearntWorkspace.Copy(folder["taught"], folder["allowed"]);
        LearntWorkspace.Copy(folder["taught"], folder["shown"]);

        // Without a limit, to see how far held-out samples alone leave it open what the new expert does to the older one's prompts; then with a limit a little below that.
        var (open, none) = Learn(folder["allowed"], new RegressionBudget { Nats = 10 }, "next", "next-tell");
        var (row, evidence) = Learn(folder["shown"], new RegressionBudget { Nats = 0.8 * open!.High, Share = 0 }, "next", "next-tell");

        Assert.Null(none);
        Assert.Equal((open.Difference, open.High), (row!.Difference, row.High));
        Assert.Equal(RegressionVerdict.Unproven, row.Verdict);
        var shown = evidence!.Skills["echo"];
        Assert.Equal(shown.Active.Select(loss => loss.Tokens), shown.Candidate.Select(loss => loss.Tokens));
        Assert.True(shown.Active.Count > 2 * row.Samples, $"{shown.Active.Count}");

        // Rows of other batches differ in their last bits on some processors.
        Assert.InRange(shown.Active.Zip(shown.Candidate).Count(pair => Math.Abs(pair.First.Nats - pair.Second.Nats) > 1e-3), 0, 2);
    }

    // What became of the older skill on its held-out samples alone, and the evidence by which the new expert came in all the same.
    private (RegressionRow? Row, RouterEvidence? Evidence) Learn(string folder, RegressionBudget budget, string skill, string data)
    {
        var policy = _policy with { Regression = budget };
        using var workspace = Workspace.OpenOrCreate(folder, learnt.Model, policy.Data);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), policy);
        var before = workspace.State.ActiveSet;
        var older = before is null ? null : Measured("echo");
        var digest = SkillData.Publish(workspace.Store, Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, session.Policy.Data.Context);

        var entry = new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken).Run(new LearnRequest(skill, digest, Novelty: "novel"));

        Assert.Equal((SkillStatus.Ready, 1.0), (entry.Status, entry.RoutedShare));
        if (older is null)
        {
            return (null, null);
        }

        var (now, after) = (Measured("echo"), workspace.State.ActiveSet!);
        Assert.Null(RouterEvidence.Find(workspace, after));
        workspace.Serve(before);
        return (RegressionCheck.Compare([older], [now], budget).Rows[0], RouterEvidence.Find(workspace, after));

        SkillResult Measured(string name) => session.Measure(workspace.State.ActiveSet, name, session.Data(workspace.State.Skills[name].Datasets), TestContext.Current.CancellationToken);
    }
}
