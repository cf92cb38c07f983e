using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

/// <summary>What a workspace says of its experts and skills, and by what evidence.</summary>
public class EvidenceTests(LearntWorkspace learnt) : IClassFixture<LearntWorkspace>
{
    private static readonly LearningPolicy _anythingGoes = HeldBackExpertTests.Policy with { Regression = new RegressionBudget { Nats = 100 } };

    private static readonly LearningPolicy _lastingly = HeldBackExpertTests.Policy with { Regression = new RegressionBudget { Nats = 100, Lasting = 1 } };

    [Fact]
    public async Task A_router_that_is_fitted_again_counts_no_evidence_twice()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        var learntMore = Learn(folder["work"], "echo", "echo-again", "echo", _anythingGoes).Experts;
        Assert.Equal((2, 1), (learntMore["echo"].Maturity.Updates, learntMore["next"].Maturity.Updates));

        for (var fit = 0; fit < 3; fit++)
        {
            var again = In(folder["work"], _anythingGoes, session =>
            {
                Assert.True(new Maintenance(session, TestContext.Current.CancellationToken).FitRouter().IsAccepted);
                return session.Workspace.State.Experts;
            });
            foreach (var (name, weight) in new[] { ("echo", 0.5), ("next", 1.0) })
            {
                // By no more than what another routing makes of the same evidence.
                var (before, after) = (learntMore[name].Maturity, again[name].Maturity);
                Assert.Equal(before.Value + (weight * (after.Components.Least - before.Components.Least)), after.Value, 1e-12);
                Assert.Equal(before.Updates, after.Updates);
            }
        }
    }

    [Fact]
    public void Samples_that_training_did_not_come_to_were_not_seen()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(learnt.Taught, folder["work"]);
        var experts = _anythingGoes.Experts;
        var brief = _anythingGoes with { Experts = experts with { Training = experts.Training with { MaxSteps = 8, Rows = 1, Seeding = experts.Training.Seeding with { MaxSteps = 4 } } } };

        var first = Seen(Learn(folder["work"], "next", "next", "novel", brief));
        var second = Seen(Learn(folder["work"], "next", "next-variously", "next", brief));

        Assert.InRange(first, 1, 63);
        Assert.InRange(second, first + 1, first + 63);

        long Seen(WorkspaceState state)
        {
            Assert.True(state.Skills["next"].Samples > 200);
            return state.Experts["next"].Maturity.Evidence.SamplesSeen;
        }
    }

    [Fact]
    public async Task What_is_said_to_be_served_is_what_the_set_serves()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);
        Learn(folder["work"], "echo-two", "echo-again", "echo", _anythingGoes);
        RequireServed();
        In(folder["work"], _anythingGoes, session => new Maintenance(session, TestContext.Current.CancellationToken).Merge("echo", "next"));
        RequireServed();

        void RequireServed() => In(folder["work"], _anythingGoes, session =>
        {
            var state = session.Workspace.State;
            Assert.Equal(3, state.Skills.Count);
            Assert.All(state.Skills, pair => Assert.Equal(
                new EvaluationReport(session.Measure(state.ActiveSet, pair.Key, session.Data(pair.Value.Datasets), TestContext.Current.CancellationToken).Losses).Loss, pair.Value.ServedLoss!.Value, 1e-9));
            return 0;
        });
    }

    [Fact]
    public async Task A_skill_that_was_served_much_better_once_is_not_given_away_step_by_step()
    {
        using var folder = new TemporaryFolder();
        LearntWorkspace.Copy(await learnt.TaughtMoreAsync(), folder["work"]);

        // Nearly all that it may lose is lost.
        Served(best: served => served - 99.999);
        var refused = In(folder["work"], _lastingly, session => new Maintenance(session, TestContext.Current.CancellationToken).Merge("echo", "next"));
        Assert.Matches(@"^refused: echo goes from \S+ at its best to \S+ nats/token", refused.Trial!.Check.Summary);
        Assert.True(In(folder["work"], _anythingGoes, session => new Maintenance(session, TestContext.Current.CancellationToken).FitRouter()).IsAccepted);
        var kept = Served(best: served => served - 101);

        // More than that was given up.
        Assert.True(In(folder["work"], _lastingly, session => new Maintenance(session, TestContext.Current.CancellationToken).FitRouter()).IsAccepted);
        var echo = Served(best: served => served);
        Assert.True(kept.BestLoss < echo.ServedLoss - 99);
        Assert.Equal(kept.ServedLoss!.Value, echo.BestLoss!.Value, 0.1);

        // What the state says, which gets another best.
        SkillEntry Served(Func<double?, double?> best) => In(folder["work"], _lastingly, session =>
        {
            var state = session.Workspace.State;
            session.Workspace.Commit(state with { Skills = new(state.Skills, StringComparer.Ordinal) { ["echo"] = state.Skills["echo"] with { BestLoss = best(state.Skills["echo"].ServedLoss) } } });
            return state.Skills["echo"];
        });
    }

    private WorkspaceState Learn(string folder, string skill, string data, string novelty, LearningPolicy policy) => In(folder, policy, session =>
    {
        var digest = SkillData.Publish(session.Workspace.Store, Dataset.Load(learnt.Data(data), new DatasetOptions()).Samples, session.Policy.Data.Context);
        new LearnRun(session, _ => { }, new RunSettings(), TestContext.Current.CancellationToken).Run(new LearnRequest(skill, digest, novelty));
        Assert.Equal(SkillStatus.Ready, session.Workspace.State.Skills[skill].Status);
        return session.Workspace.State;
    });

    private static T In<T>(string folder, LearningPolicy policy, Func<WorkspaceSession, T> run)
    {
        using var workspace = Workspace.Open(folder);
        using var session = WorkspaceSession.Open(workspace, new ComputePlace(CPU, ScalarType.Float32), policy);
        return run(session);
    }
}
