using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;

namespace DyLoraMoe.Core.Tests.Data.Mixing;

public class MixPolicyTests
{
    private static readonly BatchOptions Options = new() { Rows = 4, RowLength = 40, Window = 64, Seed = 7 };
    private static readonly TokenizedSample[] Fresh = Part(300, 9, 1);
    private static readonly TokenizedSample[][] Earlier = [Part(40, 30, 2), Part(900, 5, 3)];
    private static readonly TokenizedSample[] Dreams = Part(200, 14, 4);

    [Fact]
    public void Every_part_has_its_share_of_the_tokens()
    {
        var tokens = Tokens(new MixPolicy(50, 30, 20).Open(Fresh, Earlier, Dreams, Options));

        Assert.Equal([0.5, 0.15, 0.15, 0.2], tokens, (expected, found) => Math.Abs(expected - found) < 0.01);
    }

    [Fact]
    public void The_share_of_what_is_not_there_goes_to_the_new_samples()
    {
        var policy = new MixPolicy(50, 30, 20);

        Assert.Equal([0.8, 0, 0, 0.2], Tokens(policy.Open(Fresh, [], Dreams, Options)), (expected, found) => Math.Abs(expected - found) < 0.01);
        Assert.Equal([0.7, 0.15, 0.15, 0], Tokens(policy.Open(Fresh, Earlier, [], Options)), (expected, found) => Math.Abs(expected - found) < 0.01);
        Assert.Equal(new SampleBatchSource(Fresh, Options).State, policy.Open(Fresh, [], [], Options).State);
    }

    [Fact]
    public void Without_dreams_it_is_the_source_of_replay()
    {
        var mixed = new MixPolicy(75, 25, 0).Open(Fresh, Earlier, Dreams, Options);
        var replayed = ReplaySource.Open(Fresh, Earlier, 25, Options);

        Assert.Equal(replayed.State, mixed.State);
        Assert.Equal(Enumerable.Range(0, 20).SelectMany(_ => replayed.Next().InputIds), Enumerable.Range(0, 20).SelectMany(_ => mixed.Next().InputIds));
    }

    [Fact]
    public void Equal_shares_of_their_own_give_the_batches_of_equal_shares()
    {
        var shared = new ReplaySource(Fresh, Earlier, 25, Options);
        var own = new ReplaySource([new MixPart(Fresh, 75), new MixPart(Earlier[0], 12.5), new MixPart(Earlier[1], 12.5)], Options);

        Assert.Equal(Enumerable.Range(0, 50).SelectMany(_ => shared.Next().InputIds), Enumerable.Range(0, 50).SelectMany(_ => own.Next().InputIds));
    }

    [Fact]
    public void A_state_of_other_shares_is_refused()
    {
        var state = new MixPolicy(50, 30, 20).Open(Fresh, Earlier, Dreams, Options).State;

        new MixPolicy(50, 30, 20).Open(Fresh, Earlier, Dreams, Options).Restore(state);
        Assert.Throws<InvalidDataException>(() => new MixPolicy(49, 31, 20).Open(Fresh, Earlier, Dreams, Options).Restore(state));
    }

    [Theory]
    [InlineData(0, 80, 20)]
    [InlineData(40, 0, 60)]
    [InlineData(50, 30, 21)]
    [InlineData(110, -10, 0)]
    public void Percents_that_are_no_mixture_are_refused(int fresh, int replay, int dreams) =>
        Assert.Contains($"{fresh} new, {replay} replay and {dreams} dreams", Assert.Throws<ArgumentException>(() => new MixPolicy(fresh, replay, dreams)).Message, StringComparison.Ordinal);

    [Fact]
    public void Shares_that_do_not_add_up_are_named()
    {
        Assert.Contains("60, 30", Assert.Throws<ArgumentException>(() => new ReplaySource([new MixPart(Fresh, 60), new MixPart(Dreams, 30)], Options)).Message, StringComparison.Ordinal);
        Assert.Contains("none", Assert.Throws<ArgumentException>(() => new ReplaySource([], Options)).Message, StringComparison.Ordinal);
    }

    // Ids tell the parts apart: 1000 for each.
    private static TokenizedSample[] Part(int count, int length, int id) =>
        [.. Enumerable.Range(0, count).Select(i => TokenizedSample.Whole([.. Enumerable.Range(0, length).Select(at => (1000 * id) + ((i + at) % 1000))]))];

    private static double[] Tokens(IBatchSource source)
    {
        TokenizedSample[][] parts = [Fresh, Earlier[0], Earlier[1], Dreams];
        var tokens = new long[parts.Length];
        for (var i = 0; i < 3000; i++)
        {
            var batch = source.Next();
            foreach (var id in batch.InputIds.Where(id => id >= 1000))
            {
                tokens[(id / 1000) - 1]++;
            }
        }

        return [.. tokens.Select(count => (double)count / tokens.Sum())];
    }
}
