using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Objects that are deleted and made again under their names within moments, which KubeOps tells of as one deletion.</summary>
public sealed class ReplacementTests
{
    [Fact]
    public async Task A_successor_that_is_told_of_as_gone_is_visited()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        var successor = world.Skill("reverse");

        await world.DeletedAsync(successor);

        Assert.Equal([successor.Metadata.Uid], world.Visits.All.Select(visit => visit.Metadata.Uid));
    }

    [Fact]
    public async Task A_successor_that_is_known_already_is_visited_when_its_predecessor_is_gone()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        var last = world.Skill("reverse");
        await world.SettleAsync();
        world.Learn("reverse");

        await world.DeletedAsync(last);

        Assert.Equal([world.Skill("reverse").Metadata.Uid], world.Visits.All.Select(visit => visit.Metadata.Uid));
        Assert.NotEqual(last.Metadata.Uid, world.Skill("reverse").Metadata.Uid);
    }

    [Fact]
    public async Task What_is_gone_for_good_is_not_visited()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        var last = world.Skill("reverse");
        await world.SettleAsync();

        await world.DeletedAsync(last);

        Assert.Empty(world.Visits.All);
    }
}
