using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class CheckJobTests(JobBackbone backbone) : IClassFixture<JobBackbone>
{
    [Fact]
    public void What_was_served_better_once_is_known_as_long_as_sets_follow_each_other()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var good = JobHarness.ExpertOf("echo", backbone.Trained);
        var request = jobs.Train("echo", null, jobs.Skills[0]);
        var poor = JobHarness.ExpertOf("echo", jobs.Run(request with { Train = request.Train! with { Keep = [], Recipe = JobHarness.Recipe with { Steps = 1 } } }, name: "poor").Train!);
        var first = jobs.SetOf(jobs.FitRouter(good), good);
        Assert.True(jobs.Check(first).Check!.IsAccepted);
        jobs.Active = first;

        // Somebody allows it to become much worse, once.
        var second = jobs.SetOf(jobs.FitRouter(poor), poor);
        var lenient = jobs.Request(JobKind.Check) with { Check = new CheckInput(second) };
        Assert.True(jobs.Run(lenient with { Policy = lenient.Policy with { RegressionBudget = 100 } }).Check!.IsAccepted);
        jobs.Active = second;

        var same = jobs.Check(second);

        Assert.Equal((false, Reasons.RegressionRefused), (same.Check!.IsAccepted, same.Reason));
        Assert.Contains("at its best", same.Message, StringComparison.Ordinal);
        var worst = Assert.Single(same.Check.Worst);
        Assert.True(worst.IsBest);
        Assert.True(worst.Candidate - worst.Active > worst.Budget, $"{worst}");
        jobs.Active = null;
        Assert.True(jobs.Check(second).Check!.IsAccepted, "Nothing was served before it.");
    }
}
