using System.Text.Json;
using DyLoraMoe.Core.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data;

public class BatchSourceTests
{
    private static readonly BatchOptions Options = new() { Rows = 3, RowLength = 32, Window = 16, Seed = 7 };

    [Fact]
    public void A_restored_source_goes_on_with_exactly_the_same_batches() =>
        Law.Holds(
            from samples in SampleGen.Tokenized(longest: 33)
            from before in Gen.Choose(0, 20)
            select (samples, before),
            c =>
            {
                var source = new SampleBatchSource(c.samples, Options);
                Take(source, c.before);
                var saved = JsonSerializer.Serialize(source.State);
                var expected = Take(source, 12);

                var resumed = new SampleBatchSource(c.samples, Options);
                resumed.Restore(JsonSerializer.Deserialize<BatchSourceState>(saved)!);

                Assert.Equal(expected, Take(resumed, 12));
                Assert.Equal(source.State, resumed.State);
            },
            cases: 60);

    [Fact]
    public void Each_epoch_gives_every_sample_once() =>
        Law.Holds(SampleGen.Tokenized(longest: 33), samples =>
        {
            var source = new SampleBatchSource(samples, Options with { Rows = 1 });
            var seen = new List<int>();
            while (source.State.Epoch < 2)
            {
                seen.AddRange(source.Next().RowSamples[0]);
            }

            Assert.Equal(Enumerable.Range(0, samples.Length), seen[..samples.Length].Order());
            Assert.Equal(Enumerable.Range(0, samples.Length), seen[samples.Length..].Order());
            Assert.Equal(2, source.EpochsSeen, 1e-12);
            Assert.Equal(2 * samples.Sum(s => (long)s.Positions), source.State.Tokens);
        });

    [Fact]
    public void Epochs_differ_in_order_and_seeds_differ_in_everything()
    {
        TokenizedSample[] samples = [.. Enumerable.Range(0, 100).Select(i => TokenizedSample.Whole([i, i, i]))];
        var first = new SampleBatchSource(samples, Options with { Rows = 1, Pack = false });
        var second = new SampleBatchSource(samples, Options with { Rows = 1, Pack = false, Seed = 8 });

        var order = Take(first, 100);
        Assert.NotEqual(order, Take(first, 100));
        Assert.NotEqual(order, Take(second, 100));
    }

    [Fact]
    public void A_state_of_other_data_is_refused()
    {
        var one = new SampleBatchSource([TokenizedSample.Whole([1, 2])], Options);
        var other = new SampleBatchSource([TokenizedSample.Whole([1, 3])], Options);

        var error = Assert.Throws<InvalidDataException>(() => other.Restore(one.State));
        Assert.Contains("other data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_state_is_refused()
    {
        var source = new SampleBatchSource([TokenizedSample.Whole([1, 2])], Options);

        Assert.Throws<InvalidDataException>(() => source.Restore(source.State with { Window = 5 }));
        Assert.Throws<InvalidDataException>(() => source.Restore(source.State with { Row = -1 }));
    }

    [Fact]
    public void Micro_batches_sum_their_tokens()
    {
        TokenizedSample[] samples = [.. Enumerable.Range(0, 40).Select(i => TokenizedSample.Whole(new int[5 + (i % 7)]))];
        var source = new SampleBatchSource(samples, Options);

        var step = MicroBatches.Take(source, 4);

        Assert.Equal(4, step.Batches.Count);
        Assert.Equal(source.State.LossTokens, step.LossTokens);
        Assert.Equal(source.State.Tokens, step.Tokens);
    }

    [Fact]
    public void Stream_batches_are_windows_of_the_stream_and_resume()
    {
        int[] stream = [.. Enumerable.Range(0, 500)];
        var source = new StreamBatchSource(stream, Options);
        Take(source, 5);
        var saved = source.State;
        var batch = source.Next();

        Assert.All(Enumerable.Range(0, batch.InputIds.Length), i => Assert.Equal(batch.InputIds[i] + 1, batch.Targets[i]));
        Assert.Equal(6 * 3 * 32 / 500.0, source.EpochsSeen, 1e-12);

        var resumed = new StreamBatchSource(stream, Options);
        resumed.Restore(saved);
        Assert.Equal(batch.InputIds, resumed.Next().InputIds);
    }

    [Fact]
    public void A_stream_shorter_than_a_row_is_an_error()
    {
        Assert.Throws<ArgumentException>(() => new StreamBatchSource(new int[32], Options));
        Assert.Equal(32, new StreamBatchSource(new int[33], Options with { Rows = 1 }).Next().Tokens);
    }

    [Fact]
    public void An_evaluation_pass_sees_every_sample_once_in_the_same_order() =>
        Law.Holds(SampleGen.Tokenized(longest: 33), samples =>
        {
            var batches = EvaluationPass.Over(samples, Options).ToList();

            Assert.Equal(samples.Sum(s => s.LossTokens), batches.Sum(b => b.LossTokens));
            Assert.Equal(Enumerable.Range(0, samples.Length), batches.SelectMany(b => b.RowSamples.SelectMany(r => r)).Order());
            Assert.Equal(batches.SelectMany(b => b.InputIds), EvaluationPass.Over(samples, Options).SelectMany(b => b.InputIds));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(1000)]
    public void An_evaluation_pass_over_a_stream_predicts_every_token_but_the_first(int length)
    {
        int[] stream = [.. Enumerable.Range(0, length)];

        var targets = EvaluationPass.OverStream(stream, Options).SelectMany(b => b.Targets).Where(t => t != PackedBatch.IgnoredTarget);

        Assert.Equal(stream.Skip(1).Select(i => (long)i), targets);
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
