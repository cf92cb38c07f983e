using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class TuningDataTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(50)]
    public void Whatever_a_workspace_may_hold_out_a_fifth_of_the_data_is_left_alone(int heldOutPercent)
    {
        var data = Tuning.DataOf(Samples(2000), new DataPolicy(256, heldOutPercent, LossOn.Answer));

        Assert.InRange(data.Train.Count, 2000 * (75 - heldOutPercent) / 100, 2000 * (85 - heldOutPercent) / 100);
    }

    [Fact]
    public void No_more_samples_are_scored_on_than_learning_measures_on()
    {
        var data = Tuning.DataOf(Samples(2000), new DataPolicy(256, 20, LossOn.Answer));

        Assert.Equal(256, data.Validation.Count);
        Assert.Equal(data.Validation, Tuning.DataOf(Samples(2000), new DataPolicy(256, 20, LossOn.Answer)).Validation);
        Assert.InRange(data.Train.Count, 1100, 1300);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Half_of_the_budget_is_for_the_second_phase_however_many_batches_a_step_has(int accumulation)
    {
        var setting = SearchGrid.Of(("seeding-rate", [0.01]), ("rate-share", [0.5]))[0];

        var options = Tuning.OptionsOf(new TrainingOptions { Rows = 4, Context = 64, Accumulation = accumulation }, setting, budget: 40 * 4 * 64 * accumulation);

        Assert.Equal((20, 10), (options.Seeding.MaxSteps, options.EvaluateEvery));
        Assert.InRange(options.Seeding.WarmUpSteps, 0, 4);
    }

    private static IEnumerable<Sample> Samples(int count) => Enumerable.Range(0, count).Select(i => Sample.Pair($"{i} ->", $" {i * i}"));
}
