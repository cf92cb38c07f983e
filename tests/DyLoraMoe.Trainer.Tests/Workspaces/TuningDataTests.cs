using DyLoraMoe.Core.Data;
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

    private static IEnumerable<Sample> Samples(int count) => Enumerable.Range(0, count).Select(i => Sample.Pair($"{i} ->", $" {i * i}"));
}
