using System.Collections;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data.Diversity;

public class NearDuplicatesTests
{
    private static readonly Gen<(int[][] Sequences, double Threshold, int Ngram)> Cases =
        from sequences in Related()
        from threshold in Gen.Elements(0.2, 0.3, 0.5, 0.8, 1.0)
        from ngram in Gen.Choose(1, 5)
        select (sequences, threshold, ngram);

    [Fact]
    public void Groups_are_those_of_comparing_every_pair() =>
        Law.Holds(Cases, c => Assert.Equal(ByBruteForce(c.Sequences, c.Threshold, c.Ngram), Find(c).Groups.Select(group => string.Join(' ', group))));

    [Fact]
    public void One_of_each_group_is_kept_and_nothing_that_is_alone_goes() =>
        Law.Holds(Cases, c =>
        {
            var report = Find(c);
            var places = Enumerable.Range(0, c.Sequences.Length).ToArray();
            var kept = report.Keep(places);

            Assert.All(report.Groups, group => Assert.Equal(group[0], Assert.Single(group.Intersect(kept))));
            Assert.Subset(kept.ToHashSet(), places.Except(report.Groups.SelectMany(group => group)).ToHashSet());
            Assert.Equal(places, kept.Concat(report.Removed).Order());
        });

    [Fact]
    public void What_is_kept_has_no_near_duplicates() =>
        Law.Holds(Cases, c => Assert.Empty(Find((Find(c).Keep(c.Sequences).ToArray(), c.Threshold, c.Ngram)).Groups));

    [Fact]
    public void Groups_do_not_depend_on_the_order() =>
        Law.Holds(from c in Cases from seed in Gen.Choose(0, 1000) select (c, seed), x =>
        {
            var order = Enumerable.Range(0, x.c.Sequences.Length).ToArray();
            new SeededRandom((ulong)x.seed).Shuffle(order.AsSpan());

            var moved = Find((Array.ConvertAll(order, place => x.c.Sequences[place]), x.c.Threshold, x.c.Ngram));

            Assert.Equal(
                Find(x.c).Groups.Select(group => string.Join(' ', group)).Order(),
                moved.Groups.Select(group => string.Join(' ', group.Select(place => order[place]).Order())).Order());
        });

    [Fact]
    public void Exact_duplicates_are_always_found() =>
        Law.Holds(from c in Cases from copied in Gen.Choose(0, 1000) where c.Sequences.Length > 0 select (c, copied), x =>
        {
            var place = x.copied % x.c.Sequences.Length;

            var report = Find(([.. x.c.Sequences, [.. x.c.Sequences[place]]], x.c.Threshold, x.c.Ngram));

            Assert.Contains(report.Groups, group => group.Contains(place) && group.Contains(x.c.Sequences.Length));
        });

    [Fact]
    public void Pairs_at_the_default_threshold_are_found_among_thousands_of_others()
    {
        // Sixteen of twenty n-grams in common is a similarity of exactly 0.8.
        var random = new SeededRandom(1);
        int[] Fresh(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(30_000))];
        var sequences = new List<int[]>();
        for (var i = 0; i < 1000; i++)
        {
            var shared = Fresh(20);
            sequences.Add([.. shared, .. Fresh(2)]);
            sequences.Add([.. shared, .. Fresh(2)]);
            sequences.Add(Fresh(22));
        }

        var report = NearDuplicates.Find(sequences);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (3 * i, (3 * i) + 1)), report.Groups.Select(group => (group[0], group[1])));
        Assert.Equal(1 / 3.0, report.Share, 1e-12);
    }

    [Theory]
    [InlineData(150)]
    [InlineData(400)]
    public void Rows_of_one_long_template_are_hardly_compared_and_those_that_repeat_another_are_found(int template)
    {
        // Where 30 ids of 180 are a row's own, rows are unlike; where 30 of 430 are, every row is like every other.
        const int Rows = 20_000;
        var random = new SeededRandom(1);
        int[] Fresh(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(30_000))];
        var shared = Fresh(template);
        var sequences = Enumerable.Range(0, Rows).Select(_ => (int[])[.. shared, .. Fresh(30)]).ToList();
        for (var place = 200; place < Rows; place += 200)
        {
            sequences[place] = [.. sequences[place - 1].SkipLast(1), 30_000];
        }

        var report = NearDuplicates.Find(sequences);

        Assert.InRange(report.Compared, 1, 2 * Rows);
        Assert.Equal(
            template == 150 ? Enumerable.Range(1, 99).Select(i => $"{(200 * i) - 1} {200 * i}") : [string.Join(' ', Enumerable.Range(0, Rows))],
            report.Groups.Select(group => string.Join(' ', group)));
    }

    [Fact]
    public void Rows_of_nothing_but_common_words_are_compared_with_so_many_and_no_more()
    {
        var random = new SeededRandom(1);
        int[][] sequences = [.. Enumerable.Range(0, 2_000).Select(_ => Enumerable.Range(0, 60).Select(_ => random.Next(2)).ToArray())];

        var report = NearDuplicates.Find(sequences);

        Assert.InRange(report.Compared, 1, 2_000 * RareNgrams.MostCandidates);
        Assert.Equal(report.Groups.Select(group => group.Count).Order(), NearDuplicates.Find([.. sequences.Reverse()]).Groups.Select(group => group.Count).Order());
    }

    [Fact]
    public void A_request_to_stop_is_heard_while_rows_are_read_and_while_they_are_compared()
    {
        using var stop = new CancellationTokenSource();
        var tokens = new StoppingTokens(stop, after: 20);
        IReadOnlyList<Sample> samples = [.. Enumerable.Range(0, 50).Select(i => Sample.Pair($"{i}", "x"))];

        Assert.Throws<OperationCanceledException>(() => NearDuplicates.Find(samples, tokens, cancellation: stop.Token));

        Assert.Equal(20, tokens.Encoded);
        using var late = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => NearDuplicates.Find(new StoppingRows([[1, 2], [3, 4]], late), cancellation: late.Token));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("0.1", Assert.Throws<ArgumentException>(() => NearDuplicates.Find([], new NearDuplicateOptions { Threshold = 0.1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => NearDuplicates.Find([], new NearDuplicateOptions { Threshold = double.NaN }));
        Assert.Throws<ArgumentException>(() => NearDuplicates.Find([], new NearDuplicateOptions { Ngram = 0 }));
        Assert.Contains("2 items", Assert.Throws<ArgumentException>(() => NearDuplicates.Find([]).Keep([1, 2])).Message, StringComparison.Ordinal);
    }

    private static NearDuplicateReport Find((int[][] Sequences, double Threshold, int Ngram) c) =>
        NearDuplicates.Find(c.Sequences, new() { Threshold = c.Threshold, Ngram = c.Ngram });

    // Asks to stop with the last of its rows, so that none is left to be read.
    private sealed class StoppingRows(int[][] rows, CancellationTokenSource stop) : IReadOnlyList<int[]>
    {
        public int Count => rows.Length;

        public int[] this[int index] => rows[index];

        public IEnumerator<int[]> GetEnumerator()
        {
            foreach (var row in rows)
            {
                yield return row;
            }

            stop.Cancel();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class StoppingTokens(CancellationTokenSource stop, int after) : ITokenSource
    {
        public int Encoded { get; private set; }

        public int? BosId => null;

        public int? EosId => null;

        public int[] Encode(string text, bool addSpecialTokens)
        {
            if (++Encoded == after)
            {
                stop.Cancel();
            }

            return [.. text.Select(character => (int)character)];
        }

        public int[] EncodeAnswer(string text) => [.. text.Select(character => (int)character)];
    }

    // Sequences made of few tokens by small changes of earlier ones, so that many are alike and many are nearly so.
    private static Gen<int[][]> Related() =>
        from seed in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(0, 14)
        select Related(new SeededRandom((ulong)seed), count);

    private static int[][] Related(SeededRandom random, int count)
    {
        var all = new List<int[]>();
        for (var i = 0; i < count; i++)
        {
            int[] next = all.Count > 0 && random.Chance(0.7)
                ? [.. random.Pick(all).Select(id => random.Chance(0.1) ? random.Next(6) : id)]
                : [.. Enumerable.Range(0, random.Next(25)).Select(_ => random.Next(6))];
            all.Add(next);
        }

        return [.. all];
    }

    private static IEnumerable<string> ByBruteForce(int[][] sequences, double threshold, int n)
    {
        var sets = sequences.Select(ids => Enumerable.Range(0, Math.Max(1, ids.Length - n + 1)).Select(at => string.Join(',', ids.Skip(at).Take(n))).ToHashSet()).ToArray();
        var group = Enumerable.Range(0, sets.Length).ToArray();
        for (var i = 0; i < sets.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if ((double)sets[i].Intersect(sets[j]).Count() / sets[i].Union(sets[j]).Count() >= threshold)
                {
                    var (from, to) = (Math.Max(group[i], group[j]), Math.Min(group[i], group[j]));
                    group = Array.ConvertAll(group, g => g == from ? to : g);
                }
            }
        }

        return Enumerable.Range(0, sets.Length).GroupBy(place => group[place]).Where(g => g.Count() > 1).Select(g => string.Join(' ', g));
    }
}
