using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using static DyLoraMoe.Operator.Tests.Life.LifeTests;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>Experts that several skills have.</summary>
public sealed class SharedExpertTests
{
    [Fact]
    public async Task An_expert_that_others_need_outlives_its_skill()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Learn("same", "covered-by reverse");
        await world.SettleAsync();

        world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        await world.SettleAsync();

        Assert.Equal("same", Assert.Single(world.Server.All<Skill>()).Metadata.Name);
        Assert.Single(world.Server.All<LoraExpert>());
    }

    [Fact]
    public async Task An_expert_that_outlives_its_skill_goes_on_learning_and_goes_with_the_last_one_that_needs_it()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Learn("same", "covered-by reverse");
        world.Learn("words", "extends reverse");
        await world.SettleAsync();
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        await world.SettleAsync();

        world.Learn("words", "extends reverse\nmore");
        await world.SettleAsync();
        IsReady(world.Skill("words").Status, world);
        IsReady(world.Expert("reverse").Status, world);
        Assert.Equal(3, world.Expert("reverse").Status.Artifact!.Version);

        world.Server.Delete<Skill>(OperatorWorld.Namespace, "same");
        await world.SettleAsync();
        Assert.Single(world.Server.All<LoraExpert>());

        world.Server.Delete<Skill>(OperatorWorld.Namespace, "words");
        await world.SettleAsync();
        Assert.Empty(world.Server.All<Skill>());
        Assert.Empty(world.Server.All<LoraExpert>());
        Assert.Equal(0, world.Backbone.Status.Experts);
    }

    [Fact]
    public async Task Skills_that_share_an_expert_and_go_at_once_leave_none()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            using var world = new OperatorWorld(new(seed, 0) { AreWatchesLate = true });
            world.Apply();
            world.Learn("reverse");
            await world.SettleAsync();
            world.Learn("words", "extends reverse");
            await world.SettleAsync();

            world.Server.Delete<Skill>(OperatorWorld.Namespace, "words");
            world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
            await world.SettleAsync();

            Assert.Empty(world.Server.All<Skill>());
            Assert.Empty(world.Server.All<LoraExpert>());
        }
    }
}
