using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Tests.Training;

public class TrainingOptionsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(24, 2)]
    [InlineData(100, 8)]
    [InlineData(600, 50)]
    [InlineData(100_000, 50)]
    public void A_short_run_is_evaluated_as_often_as_a_usual_one(long steps, int every) => Assert.Equal(every, TrainingOptions.EvaluateEveryOf(steps));

    [Fact]
    public void Presets_are_valid()
    {
        TrainingOptions.Expert.Validate();
        TrainingOptions.Pretraining.Validate();
    }

    public static TheoryData<TrainingOptions, string> Invalid => new()
    {
        { new TrainingOptions { MaxSteps = null }, "MaxSteps" },
        { new TrainingOptions { Rows = 0 }, "Rows" },
        { new TrainingOptions { Beta1 = 1 }, "Beta1" },
        { new TrainingOptions { Seeding = new SeedingOptions { Rate = -1 } }, "Rate" },
        { new TrainingOptions { Seeding = new SeedingOptions { PlateauPatience = null } }, "Seeding needs an end" },
        { new TrainingOptions { Consolidation = new ConsolidationOptions { Rate = 1e-4, FinalRate = 1e-3 } }, "FinalRate" },
        { new TrainingOptions { Backbone = TorchSharp.torch.ScalarType.Int64 }, "Backbone" },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_range_is_named(TrainingOptions options, string name) =>
        Assert.Contains(name, Assert.Throws<ValidationException>(options.Validate).Message, StringComparison.Ordinal);
}
