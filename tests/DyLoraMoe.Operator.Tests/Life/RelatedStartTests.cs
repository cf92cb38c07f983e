using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class RelatedStartTests
{
    [Fact]
    public async Task A_new_expert_may_start_from_one_of_the_set_that_is_ahead_and_only_once()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        var reverse = world.Expert("reverse").Status.Artifact!.Digest;

        world.Learn("mirror", "like reverse");
        world.Learn("orphan", "like nobody");
        await world.SettleAsync();
        world.Learn("mirror", "like reverse\nmore");
        await world.SettleAsync();

        var trainings = world.Work.Requests.Select(request => request.Train).OfType<TrainInput>().ToLookup(train => train.Expert);
        Assert.Equal([("reverse", reverse), null], trainings["mirror"].Select(train => train.StartFrom is { } start ? (start.Name, start.Digest) : ((string, string?)?)null));
        Assert.Null(Assert.Single(trainings["orphan"]).StartFrom);
        Assert.Equal(reverse, world.Expert("reverse").Status.Artifact!.Digest);
        Assert.Equal(["reverse", null, null], ((string[])["mirror", "orphan", "reverse"]).Select(name => world.Expert(name).Status.StartedFrom));
    }
}
