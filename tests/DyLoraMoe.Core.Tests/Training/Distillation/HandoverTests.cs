using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Training.Distillation;

public sealed class HandoverTests
{
    private static readonly BatchOptions _batches = new() { Rows = 2, RowLength = 8 };

    [Fact]
    public void The_share_of_data_so_far_is_the_mean_of_the_line_to_within_a_batch()
    {
        var random = new SeededRandom(11);
        for (var round = 0; round < 200; round++)
        {
            var (from, to, batches) = (random.NextDouble(), random.NextDouble(), random.Between(1, 300));
            var (at, handover) = (random.Between(0, batches), new Handover(from, to, batches));
            var expected = Enumerable.Range(0, at).Sum(batch => from + ((to - from) * batch / Math.Max(1, batches - 1)));

            Assert.InRange(handover.DataBefore(at) - expected, -1.001, 0.001);
            Assert.Equal(handover.DataBefore(at), Enumerable.Range(0, at).Count(batch => handover.IsData(batch)));
        }
    }

    [Fact]
    public void It_begins_with_the_teacher_and_ends_with_the_data()
    {
        var handover = new Handover(0, 1, 100);

        Assert.True(handover.UsesData);
        Assert.DoesNotContain(Enumerable.Range(0, 10), batch => handover.IsData(batch));
        Assert.True(Enumerable.Range(90, 10).Count(batch => handover.IsData(batch)) >= 9);
        Assert.True(handover.IsData(100));
        Assert.False(Handover.Never.UsesData);
        Assert.All(Enumerable.Range(0, 50), batch => Assert.False(Handover.Never.IsData(batch)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Handover(0, 1.5, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Handover(0, 1, 0));
    }

    [Fact]
    public void A_source_goes_on_where_its_state_was_taken()
    {
        var (taught, data, handover) = (TinyData.Stream(200), TinyData.Stream(300, seed: 3), new Handover(0.2, 0.9, 20));
        var source = new HandoverSource(taught, data, handover, _batches);
        for (var batch = 0; batch < 7; batch++)
        {
            source.Next();
        }

        var again = new HandoverSource(taught, data, handover, _batches);
        again.Restore(source.State);

        Assert.Equal(source.State, again.State);
        for (var batch = 0; batch < 7; batch++)
        {
            Assert.Equal(source.Next().InputIds, again.Next().InputIds);
        }

        Assert.Equal((14 * 16, 28), (source.State.Tokens, source.State.Samples));
        Assert.Throws<InvalidDataException>(() => new HandoverSource(taught, data, new Handover(0, 1, 20), _batches).Restore(source.State));
        Assert.IsType<StreamBatchSource>(HandoverSource.Open(taught, [], Handover.Never, _batches));
    }
}
