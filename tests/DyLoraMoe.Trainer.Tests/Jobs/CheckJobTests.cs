using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Tests.Workspaces;

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

    [Fact]
    public void What_an_active_expert_has_newly_learnt_is_new_and_what_it_covers_is_not()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        var fitted = jobs.FitRouter(echo);
        jobs.Active = jobs.SetOf(fitted, echo);
        var next = new SkillInput("next", jobs.Assess("next", backbone.Data("next"), novelty: "Novel").Dataset, 20, "next");
        var other = jobs.Run(jobs.Train("next", null, next)).Train!;
        jobs.Skills.Add(new SkillInput("echo-two", jobs.Assess("echo-two", backbone.Data("echo-again"), novelty: "Novel").Dataset, 20, "echo"));

        // The weights of an expert of something else, as a version that says what it has learnt.
        var store = new ArtifactStore(jobs.Store);
        var card = ExpertCard.Open(store, echo.Digest);
        SkillDelta[] Worst(params string[] learnt)
        {
            var digest = store.Publish(ArtifactKind.Expert, target =>
            {
                LearntWorkspace.Copy(store.Open(ArtifactKind.Expert, other.Expert), target);
                var skills = learnt.Select(name => KeyValuePair.Create(name, card.Skills["echo"] with { Dataset = jobs.Skills.Single(skill => skill.Name == name).Dataset }));
                (card with { Version = 2, Skills = new(skills.ToDictionary(), StringComparer.Ordinal) }).Save(target);
            });
            return [.. jobs.Check(jobs.SetOf(fitted, echo with { Digest = digest, Version = 2 })).Check!.Worst.OrderBy(delta => delta.Skill, StringComparer.Ordinal)];
        }

        Assert.Equal([("echo", null), ("echo-two", true)], Worst("echo", "echo-two").Select(delta => (delta.Skill, delta.IsNew)));
        Assert.Equal([("echo", null), ("echo-two", (bool?)null)], Worst("echo").Select(delta => (delta.Skill, delta.IsNew)));
    }
}
