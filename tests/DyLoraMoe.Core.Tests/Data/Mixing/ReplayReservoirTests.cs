using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data.Mixing;

public class ReplayReservoirTests
{
    [Fact]
    public void Each_sample_is_as_likely_to_be_kept()
    {
        const int Offered = 40, Capacity = 10, Rounds = 4000;
        var counts = new int[Offered];
        for (var seed = 0; seed < Rounds; seed++)
        {
            var reservoir = new ReplayReservoir(Capacity, (ulong)seed);
            reservoir.Offer("skill", Samples(Offered));
            foreach (var place in reservoir.State["skill"].Kept)
            {
                counts[place]++;
            }
        }

        // Kept counts are drawn without replacement, so this is below a chi-squared of 39 degrees of freedom, whose 99.9 % point is 72.1.
        var expected = (double)Rounds * Capacity / Offered;
        Assert.InRange(counts.Sum(count => (count - expected) * (count - expected) / expected), 5, 72.1);
    }

    [Fact]
    public void Every_skill_has_a_bounded_reservoir_of_its_own()
    {
        var reservoir = new ReplayReservoir(20, seed: 1);
        reservoir.Offer("long", Samples(500));
        reservoir.Offer("a short one", Samples(7));

        Assert.Equal([("a short one", 7), ("long", 20)], reservoir.Skills.Select(skill => (skill.Key, skill.Value.Count)));
        Assert.Equal(Enumerable.Range(0, 7), reservoir.Skills[0].Value.Select(Place));
    }

    [Fact]
    public void A_resumed_reservoir_goes_on_as_if_it_had_not_stopped() =>
        Law.Holds(from capacity in Gen.Choose(1, 12) from count in Gen.Choose(0, 60) from cut in Gen.Choose(0, 60) from seed in Gen.Choose(0, 99) select (capacity, count, cut, seed), c =>
        {
            var samples = Samples(c.count);
            var whole = new ReplayReservoir(c.capacity, (ulong)c.seed);
            whole.Offer("b", samples);
            whole.Offer("a", samples);

            var first = new ReplayReservoir(c.capacity, (ulong)c.seed);
            first.Offer("a", samples.Take(c.cut));
            first.Offer("b", samples.Take(c.cut));
            var saved = JsonSerializer.Deserialize<Dictionary<string, ReservoirState>>(JsonSerializer.Serialize(first.State))!;
            var resumed = ReplayReservoir.Resume(c.capacity, (ulong)c.seed, saved, (_, place) => samples[place]);
            resumed.Offer("a", samples.Skip(c.cut));
            resumed.Offer("b", samples.Skip(c.cut));

            Assert.Equal(Kept(whole), Kept(resumed));
            Assert.All(resumed.Skills, skill => Assert.Equal(resumed.State[skill.Key].Kept, skill.Value.Select(sample => (long)Place(sample))));
        });

    [Fact]
    public void Its_skills_are_the_parts_of_a_replay_source()
    {
        var reservoir = new ReplayReservoir(10, seed: 1);
        reservoir.Offer("one", Samples(300));
        reservoir.Offer("two", Samples(30));

        var source = ReplaySource.Open(Samples(50), [.. reservoir.Skills.Select(skill => skill.Value)], 25, new BatchOptions { Rows = 2, RowLength = 40, Window = 64 });

        Assert.True(source.Next().Tokens > 0);
    }

    [Fact]
    public void What_is_kept_of_one_skill_is_what_its_reservoir_holds_or_all()
    {
        var samples = Samples(40);
        var reservoir = new ReplayReservoir(10, seed: 3);
        reservoir.Offer("one", samples);

        Assert.Equal(reservoir.Skills[0].Value, ReplayReservoir.Keep("one", samples, 10, seed: 3));
        Assert.NotEqual(reservoir.Skills[0].Value, ReplayReservoir.Keep("two", samples, 10, seed: 3));
        Assert.Same(samples, ReplayReservoir.Keep("one", samples, null, seed: 3));
        Assert.Empty(ReplayReservoir.Keep("one", [], 10, seed: 3));
    }

    [Fact]
    public void A_state_of_another_capacity_is_refused()
    {
        var reservoir = new ReplayReservoir(10, seed: 1);
        reservoir.Offer("one", Samples(30));

        Assert.Contains("'one' keeps 10 of 30", Assert.Throws<InvalidDataException>(() => ReplayReservoir.Resume(11, 1, reservoir.State, (_, _) => Samples(1)[0])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ReplayReservoir.Resume(2, 1, new Dictionary<string, ReservoirState> { ["x"] = new(2, [1, 1]) }, (_, _) => Samples(1)[0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayReservoir(0, 1));
    }

    private static string Kept(ReplayReservoir reservoir) =>
        string.Join(';', reservoir.State.OrderBy(skill => skill.Key).Select(skill => $"{skill.Key} {skill.Value.Seen} {string.Join(' ', skill.Value.Kept)}"));

    private static TokenizedSample[] Samples(int count) => [.. Enumerable.Range(0, count).Select(i => TokenizedSample.Whole([i, 1, 2, 3]))];

    private static int Place(TokenizedSample sample) => sample.Ids[0];
}
