using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class DiversityTests
{
    [Fact]
    public async Task Data_that_are_much_alike_are_learnt_with_a_warning_and_duplicates_go_where_that_is_asked_for()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("alike", "monotonous");
        world.Learn("various");
        await world.SettleAsync();

        var (alike, various) = (world.Skill("alike").Status, world.Skill("various").Status);
        Assert.True(alike.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        var resolved = alike.Conditions.Find(ConditionTypes.DataResolved)!;
        Assert.Equal((ConditionStatus.True, Reasons.LowDiversity), (resolved.Status, resolved.Reason));
        Assert.EndsWith(" All are alike: give more varied data.", resolved.Message, StringComparison.Ordinal);
        Assert.Equal(Reasons.DatasetPublished, various.Conditions.Find(ConditionTypes.DataResolved)!.Reason);
        Assert.Equal(new DiversityStatus { NearDuplicatesPercent = 3, DistinctTriplesPercent = 57, Coverage = "12.3" }, various.Dataset!.Diversity);
        Assert.Null(various.Dataset.Dropped);

        world.Learn("various", change: spec => spec.Data.DropDuplicates = true);
        await world.SettleAsync();

        Assert.Equal(5, world.Skill("various").Status.Dataset!.Dropped);
        Assert.Contains("5 that nearly repeat another left out", world.Skill("various").Status.Conditions.Find(ConditionTypes.DataResolved)!.Message, StringComparison.Ordinal);
    }
}
