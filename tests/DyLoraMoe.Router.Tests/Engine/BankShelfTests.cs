using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class BankShelfTests(SampleSet sample)
{
    [Fact]
    public void Experts_in_use_count_twice_and_others_make_room_for_them()
    {
        using var whole = sample.Load();
        var sizes = whole.Experts.Select(expert => expert.Bytes).ToArray();
        var budget = sizes.Take(4).Sum();
        using var set = sample.Load(engine: new EngineOptions { ExpertBytes = budget, ExpertHostBytes = 0 });
        using (var banks = new BankShelf(set.Pool, budget))
        {
            banks.For([0]);
            Assert.Equal(sizes[0], set.Pool.CopiedBytes);
            Assert.Equal(set.Pool.DeviceBytes + sizes[0], set.Pool.Bytes);
            Assert.InRange(set.Pool.Bytes, 2 * sizes[0], budget);

            // More than there is memory for: they stay, and nobody else does.
            int[] many = [1, 2, 3];
            banks.For(many);
            Assert.Equal(2 * many.Sum(expert => sizes[expert]), set.Pool.Bytes);
            Assert.False(set.Pool.Holds(set.Experts[0]));
        }

        Assert.Equal(0, set.Pool.CopiedBytes);
        Assert.InRange(set.Pool.Bytes, 1, budget);
    }

    [Fact]
    public void Experts_that_fit_with_their_copies_stay()
    {
        using var set = sample.Load();
        using var banks = new BankShelf(set.Pool, 1 << 30);
        var before = set.Pool.Bytes;

        banks.For([0]);
        banks.For([1, 2]);

        Assert.Equal(set.Experts.Take(3).Sum(expert => expert.Bytes), set.Pool.CopiedBytes);
        Assert.Equal(before + set.Pool.CopiedBytes, set.Pool.Bytes);
    }
}
