using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;

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

        var told = File.ReadAllLines(Directory.GetFiles(Path.Combine(jobs.Store, "checkpoints", "night"), "dreams.jsonl", SearchOption.AllDirectories).Single());
        Assert.Equal((24, 24), (result.Consolidate!.Dreamt, told.Length));
        Assert.Equal(told.Count(line => line.Contains("\"Outcome\":\"Kept\"", StringComparison.Ordinal)), result.Consolidate.Dreams);
        Assert.Contains(jobs.Notes, note => note.StartsWith("24 dreams: ", StringComparison.Ordinal));
        Assert.Equal(result.Consolidate, jobs.Run(request, name: "again").Consolidate);
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

    private static JobRequest Night(JobHarness jobs, ExpertInput from) => jobs.Request(JobKind.Consolidate) with
    {
        Skills = [],
        Consolidate = new ConsolidateInput { From = from, Skills = jobs.Skills, Recipe = JobHarness.Recipe, Seconds = 600 },
    };
}
