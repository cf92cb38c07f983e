using System.Collections.Concurrent;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Jobs;
using TrainingState = DyLoraMoe.Api.Resources.TrainingProgress;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class ProgressReportsTests
{
    [Fact]
    public void The_runs_of_a_training_are_one_progress()
    {
        var sent = new ConcurrentQueue<TrainingState>();
        using (var reports = new ProgressReports((state, _) => { sent.Enqueue(state); return Task.CompletedTask; }, 100, TimeProvider.System, _ => { }))
        {
            reports.Report(Step(5, ProgressKind.Stepped));
            reports.Report(Step(10, ProgressKind.RolledBack) with { Rollbacks = 2 });
            reports.Report(Step(1, ProgressKind.Stepped));
            reports.Report(Step(40, ProgressKind.Finished) with { Rollbacks = 1, Loss = 1.23456, TokensPerSecond = 99.5, Remaining = TimeSpan.FromSeconds(1.5) });
        }

        var last = sent.Last();
        Assert.Equal((50, 50, 100, "1.2346", 99L, 2L), (last.Percent, last.Step, last.Steps, last.Loss, last.TokensPerSecond, last.EtaSeconds));
        Assert.Equal(3, last.Rollbacks);
        Assert.InRange(sent.Count, 1, 2);
    }

    [Fact]
    public void Progress_is_counted_against_the_steps_of_the_recipe_at_night_too()
    {
        var recipe = new RecipeInput { Steps = 40 };
        var request = new JobRequest { Kind = JobKind.Consolidate, Backbone = new("tiny", null, "auto") };

        Assert.Equal(40, ProgressReports.StepsOf(request with { Consolidate = new ConsolidateInput { From = new ExpertInput { Name = "a", Digest = "b", Mode = "Full" }, Skills = [], Recipe = recipe } }));
        Assert.Equal(40, ProgressReports.StepsOf(request with { Train = new TrainInput { Expert = "a", Learn = [], Recipe = recipe } }));
        Assert.Equal(TrainingOptions.Expert.MaxSteps, ProgressReports.StepsOf(request));
    }

    [Fact]
    public void A_report_that_does_not_get_through_is_said_once_and_harms_nothing()
    {
        var notes = new ConcurrentQueue<string>();
        using (var reports = new ProgressReports((_, _) => throw new HttpRequestException("no way"), 10, TimeProvider.System, notes.Enqueue))
        {
            reports.Report(Step(1, ProgressKind.Finished));
            reports.Report(Step(2, ProgressKind.Finished));
        }

        Assert.Contains("no way", Assert.Single(notes), StringComparison.Ordinal);
    }

    private static TrainingProgress Step(int step, ProgressKind kind) =>
        new() { Kind = kind, Phase = TrainingPhase.Seeding, Step = step, Fraction = 0, Tokens = 0 };
}
