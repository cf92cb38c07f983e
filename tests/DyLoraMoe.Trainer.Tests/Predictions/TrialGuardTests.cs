using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class TrialGuardTests
{
    [Fact]
    public void Guarded_steps_go_back_from_what_is_wrong_and_forget_less_than_the_same_steps_unguarded()
    {
        var bare = Run(Mechanisms.Diversity);
        var guarded = Run(Mechanisms.Diversity | Mechanisms.GuardedSteps);

        Assert.Null(bare.Rollbacks);
        Assert.InRange(guarded.Rollbacks!.Value, 1, 1000);
        Assert.InRange(bare.Forgetting, 0.1, 100);
        Assert.InRange(guarded.Forgetting, -0.1, 0.05);
        Assert.Equal(bare.Steps, guarded.Steps);
    }

    private static TrialResult Run(Mechanisms cell) =>
        new TrialRun(Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), new TrialSize { Tokens = 6_000, TestSamples = 12, Samples = 200, Documents = 24 }, TimeProvider.System).Execute(
            new TrialOptions { Experiment = Experiments.Scales, Arm = "guard", Run = 1, Rate = 3e-3, Mechanisms = cell, IsMixed = false, IsStressed = true },
            _ => { },
            TestContext.Current.CancellationToken);
}
