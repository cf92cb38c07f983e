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
        var (good, fair, poor) = (JobHarness.ExpertOf("echo", backbone.Trained), Taught(steps: 3), Taught(steps: 1));
        var (lost, more) = (fair.ExpertLoss!.Value - backbone.Trained.ExpertLoss!.Value, poor.ExpertLoss!.Value - fair.ExpertLoss.Value);
        Assert.True(more > 0 && lost > 8 * more, $"{lost}, {more}");
        Assert.True(Checked(good, budget: 100).IsAccepted);
        Assert.True(Checked(JobHarness.ExpertOf("echo", fair), budget: 100).IsAccepted);

        // Five times the budget is a little more than what was lost, and less than what would be.
        var check = Checked(JobHarness.ExpertOf("echo", poor), budget: (lost + (more / 2)) / 5);

        Assert.False(check.IsAccepted);
        var worst = check.Worst[0];
        Assert.True(worst.IsBest);
        Assert.Equal(backbone.Trained.ExpertLoss.Value, worst.Active, more);
        Assert.True(worst.Candidate - worst.Active > worst.Budget, $"{worst}");

        TrainResult Taught(int steps)
        {
            var request = jobs.Train("echo", null, jobs.Skills[0]);
            return jobs.Run(request with { Train = request.Train! with { Keep = [], Recipe = JobHarness.Recipe with { Steps = steps } } }, name: $"steps-{steps}").Train!;
        }

        // The candidate serves afterwards, come what may.
        CheckResult Checked(ExpertInput expert, double budget)
        {
            var candidate = jobs.SetOf(jobs.FitRouter(expert), expert);
            var request = jobs.Request(JobKind.Check) with { Check = new CheckInput(candidate) };
            var result = jobs.Run(request with { Policy = request.Policy with { RegressionBudget = budget } });
            jobs.Active = candidate;
            return result.Check!;
        }
    }
}
