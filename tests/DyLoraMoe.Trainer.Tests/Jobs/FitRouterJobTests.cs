using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class FitRouterJobTests(JobBackbone backbone) : IClassFixture<JobBackbone>
{
    [Fact]
    public void An_expert_whose_skill_is_gone_stays_in_the_set_and_holds_no_other_up()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        jobs.Active = jobs.SetOf(jobs.FitRouter(echo), echo);
        var learnt = new SkillInput("next", jobs.Assess("next", backbone.Data("next"), novelty: "Novel").Dataset, 20, "next");
        var next = JobHarness.ExpertOf("next", jobs.Run(jobs.Train("next", null, learnt)).Train!);
        jobs.Skills.Clear();
        jobs.Skills.Add(learnt);

        var fitted = jobs.FitRouter(echo, next);

        using var router = DynamicHybridRouter.Load(Path.Combine(jobs.Store, "routers", ArtifactDigest.Hex(fitted.Router)));
        Assert.Equal([("echo", false), ("next", true)], router.Experts.OrderBy(expert => expert.Name, StringComparer.Ordinal).Select(expert => (expert.Name, expert.IsFitted)));
        Assert.InRange(fitted.AccuracyPercent, 90, 100);
        jobs.Active = jobs.SetOf(fitted, echo, next);
        Assert.True(jobs.Check(jobs.Active).Check!.IsAccepted);
        Assert.Equal(fitted.AccuracyPercent, jobs.FitRouter(echo, next).AccuracyPercent, 5.0);
    }

    [Fact]
    public void A_router_that_is_fitted_again_counts_no_evidence_twice_and_what_training_did_not_come_to_is_none()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = jobs.Train("echo", null, jobs.Skills[0]);
        var brief = request with { Train = request.Train! with { Recipe = JobHarness.Recipe with { Steps = 8, BatchSize = 1 } } };
        var first = jobs.Run(brief).Train!;
        var (store, echo) = (new ArtifactStore(jobs.Store), JobHarness.ExpertOf("echo", first));
        Assert.InRange(ExpertCard.Open(store, first.Expert).SamplesSeen, 1, 63);

        var once = Fit(echo);
        var twice = Fit(echo);
        Assert.Equal((1, once.Updates), (once.Updates, twice.Updates));
        Assert.Equal(twice.Components.Least, twice.Value, 1e-12);

        request = jobs.Train("echo", echo, jobs.Skills[0]);
        var more = jobs.Run(request with { Train = request.Train! with { Recipe = brief.Train!.Recipe } }).Train!;
        Assert.InRange(ExpertCard.Open(store, more.Expert).SamplesSeen, ExpertCard.Open(store, first.Expert).SamplesSeen + 1, 126);
        echo = JobHarness.ExpertOf("echo", more);
        var third = Fit(echo);
        var fourth = Fit(echo);
        Assert.Equal((2, 2), (third.Updates, fourth.Updates));
        Assert.Equal(third.Value + (0.5 * (fourth.Components.Least - third.Components.Least)), fourth.Value, 1e-12);

        MaturityState Fit(ExpertInput expert)
        {
            var fitted = jobs.FitRouter(expert);
            jobs.Active = jobs.SetOf(fitted, expert);
            return MaturityFile.Read(store.Open(ArtifactKind.Router, fitted.Router))["echo"];
        }
    }
}
