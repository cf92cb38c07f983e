using System.Text.Json;
using DyLoraMoe.Core.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

public class ReplaySourceTests
{
    private static readonly BatchOptions Options = new() { Rows = 4, RowLength = 40, Window = 64, Seed = 7 };

    [Theory]
    [InlineData(5)]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(90)]
    public void Replay_has_its_percent_of_the_tokens_and_every_earlier_skill_the_same_share(int percent)
    {
        // Lengths and sizes differ by factors: neither may decide a share.
        var lists = new[] { Skill(500, 9, 1), Skill(40, 30, 2), Skill(3000, 5, 3) };
        var source = new ReplaySource(lists[0], lists[1..], percent, Options);

        var tokens = TokensPerPart(source, lists, batches: 4000);

        var total = (double)tokens.Sum();
        Assert.Equal((100 - percent) / 100.0, tokens[0] / total, 0.01);
        Assert.Equal(percent / 200.0, tokens[1] / total, 0.01);
        Assert.Equal(percent / 200.0, tokens[2] / total, 0.01);
    }

    [Fact]
    public void Every_sample_of_a_part_is_seen_before_any_is_seen_twice()
    {
        var lists = new[] { Skill(60, 8, 1), Skill(30, 8, 2) };
        var source = new ReplaySource(lists[0], lists[1..], 50, Options with { Rows = 1 });
        var seen = new int[90];
        while (source.State.Samples < 10_000)
        {
            foreach (var sample in source.Next().RowSamples.SelectMany(row => row))
            {
                seen[sample]++;
            }
        }

        // A window's samples come in the order of its rows, so counts may differ by the windows under way.
        Assert.InRange(seen[..60].Max() - seen[..60].Min(), 0, 2);
        Assert.InRange(seen[60..].Max() - seen[60..].Min(), 0, 4);
        Assert.Equal(seen[..60].Average(), source.EpochsSeen, 1.0);
    }

    [Fact]
    public void A_restored_mixture_goes_on_with_exactly_the_same_batches() =>
        Law.Holds(
            from fresh in SampleGen.Tokenized(longest: 33)
            from one in SampleGen.Tokenized(longest: 33)
            from two in SampleGen.Tokenized(longest: 33)
            from percent in Gen.Choose(1, 99)
            from before in Gen.Choose(0, 20)
            select (fresh, one, two, percent, before),
            c =>
            {
                var source = new ReplaySource(c.fresh, [c.one, c.two], c.percent, Options);
                Take(source, c.before);
                var saved = JsonSerializer.Serialize(source.State);
                var expected = Take(source, 12);

                var resumed = new ReplaySource(c.fresh, [c.one, c.two], c.percent, Options);
                resumed.Restore(JsonSerializer.Deserialize<BatchSourceState>(saved)!);

                Assert.Equal(expected, Take(resumed, 12));
                Assert.Equal(source.State, resumed.State);
                Assert.Equal(source.EpochsSeen, resumed.EpochsSeen);
            },
            cases: 40);

    [Fact]
    public void Without_replay_it_is_the_plain_source()
    {
        var fresh = Skill(50, 8, 1);
        var plain = new SampleBatchSource(fresh, Options);

        var zero = ReplaySource.Open(fresh, [Skill(10, 8, 2)], 0, Options);
        var first = ReplaySource.Open(fresh, [], 25, Options);

        Assert.Equal(plain.State, zero.State);
        Assert.Equal(plain.State, first.State);
        Assert.Equal(Take(plain, 20), Take(zero, 20));
    }

    [Fact]
    public void The_seed_decides_the_order_and_nothing_else_does()
    {
        var lists = new[] { Skill(50, 8, 1), Skill(50, 8, 2) };

        var once = Take(new ReplaySource(lists[0], lists[1..], 25, Options), 20);

        Assert.Equal(once, Take(new ReplaySource(lists[0], lists[1..], 25, Options), 20));
        Assert.NotEqual(once, Take(new ReplaySource(lists[0], lists[1..], 25, Options with { Seed = 8 }), 20));
    }

    [Fact]
    public void The_fingerprints_that_checkpoints_hold_stay_as_they_are()
    {
        // SHA-256 of what ReplaySource and SampleBatchSource hash, computed apart from this program: checkpoints of earlier versions go on.
        var (fresh, earlier) = (Skill(50, 8, 1), Skill(50, 8, 2));

        Assert.Equal("73fb7a3dc085c2d1873522c999e23dbbf35c22e86a21d05c5a49c3889fae0e97", ReplaySource.Open(fresh, [earlier], 25, Options).State.Fingerprint);
        Assert.Equal("b6815bdde660ebea8c8bd171ff43b1cb57082416416f9a2e8c787e19ac266eb4", ReplaySource.Open(fresh, [], 25, Options).State.Fingerprint);
    }

    [Fact]
    public void A_state_of_another_mixture_is_refused()
    {
        var lists = new[] { Skill(50, 8, 1), Skill(50, 8, 2) };
        var state = new ReplaySource(lists[0], lists[1..], 25, Options).State;

        Assert.Throws<InvalidDataException>(() => new ReplaySource(lists[0], lists[1..], 26, Options).Restore(state));
        Assert.Throws<InvalidDataException>(() => new ReplaySource(lists[1], lists[..1], 25, Options).Restore(state));
        Assert.Throws<InvalidDataException>(() => new ReplaySource(lists[0], lists[1..], 25, Options).Restore(state with { Row = 1000 }));
    }

    [Fact]
    public void Wrong_parts_are_named()
    {
        var some = Skill(5, 8, 1);

        Assert.Contains("100", Assert.Throws<ArgumentException>(() => new ReplaySource(some, [some], 100, Options)).Message, StringComparison.Ordinal);
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => ReplaySource.Open(some, [some], -1, Options)).Message, StringComparison.Ordinal);
        Assert.Contains("Earlier skill 2", Assert.Throws<ArgumentException>(() => new ReplaySource(some, [some, []], 10, Options)).Message, StringComparison.Ordinal);
        Assert.Contains("new data", Assert.Throws<ArgumentException>(() => new ReplaySource([], [some], 10, Options)).Message, StringComparison.Ordinal);
    }

    private static TokenizedSample[] Skill(int count, int length, int id) =>
        [.. Enumerable.Range(0, count).Select(i => TokenizedSample.Whole([.. Enumerable.Range(0, length).Select(at => (i + at + (1000 * id)) % 5000)]))];

    private static long[] TokensPerPart(ReplaySource source, TokenizedSample[][] lists, int batches)
    {
        TokenizedSample[] all = [.. lists.SelectMany(list => list)];
        int[] owners = [.. lists.SelectMany((list, k) => Enumerable.Repeat(k, list.Length))];
        var tokens = new long[lists.Length];
        for (var i = 0; i < batches; i++)
        {
            foreach (var sample in source.Next().RowSamples.SelectMany(row => row))
            {
                tokens[owners[sample]] += all[sample].Positions;
            }
        }

        return tokens;
    }

    private static List<long> Take(IBatchSource source, int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
        {
            var batch = source.Next();
            ids.AddRange(batch.InputIds);
            ids.AddRange(batch.Targets);
        }

        return ids;
    }
}
