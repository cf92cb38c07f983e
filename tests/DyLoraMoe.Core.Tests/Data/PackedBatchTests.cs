using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Tests.Data;

public class PackedBatchTests
{
    [Fact]
    public void Two_samples_share_a_row_with_their_own_positions_segments_and_targets()
    {
        TokenizedSample[] samples = [new([5, 6, 7, 8], 2, 2, 2), new([3, 4, 9], 1, 1, 0)];

        var batch = PackedBatch.Of(samples, [[0, 1]], length: 7, padId: 99);

        Assert.Equal([5, 6, 7, 3, 4, 99, 99], batch.InputIds);
        Assert.Equal([-100, 7, 8, 4, 9, -100, -100], batch.Targets);
        Assert.Equal([0, 1, 2, 0, 1, 0, 0], batch.PositionIds);
        Assert.Equal([1, 1, 1, 2, 2, 0, 0], batch.SegmentIds);
        Assert.Equal([false, false, true, true, true, false, false], batch.Activated);
        Assert.Equal((5, 4), (batch.Tokens, batch.LossTokens));
    }

    [Fact]
    public void The_first_answer_token_is_predicted_by_the_last_prompt_position()
    {
        var sample = new TokenizedSample([10, 11, 20, 21], AnswerStart: 2, LossStart: 2, InvocationStart: 1);

        var batch = PackedBatch.Of([sample], [[0]], length: 3);

        Assert.Equal(20, batch.Targets[1]);
        Assert.Equal([false, true, true], batch.Activated);
    }

    [Fact]
    public void A_sample_that_does_not_fit_its_row_is_an_error_with_both_lengths()
    {
        var error = Assert.Throws<ArgumentException>(() => Packer.Pack([TokenizedSample.Whole(new int[10])], [0], rowLength: 8));

        Assert.Contains("9 positions", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxTokens = 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packing_keeps_every_token_and_never_mixes_samples() =>
        Law.Holds(SampleGen.Tokenized(longest: 33), samples =>
        {
            var rows = Packer.Pack(samples, [.. Enumerable.Range(0, samples.Length)], rowLength: 32);
            var batch = PackedBatch.Of(samples, rows, length: 32, padId: -1);

            Assert.Equal(Enumerable.Range(0, samples.Length), rows.SelectMany(row => row).Order());
            Assert.Equal(samples.Sum(s => s.Positions), batch.Tokens);
            Assert.Equal(samples.Sum(s => s.LossTokens), batch.LossTokens);
            for (var at = 0; at < batch.InputIds.Length; at++)
            {
                CheckPosition(samples, batch, at);
            }
        });

    [Fact]
    public void Packing_wastes_little()
    {
        var random = new SeededRandom(3);
        TokenizedSample[] samples = [.. Enumerable.Range(0, 512).Select(_ => TokenizedSample.Whole(new int[random.Between(10, 120)]))];

        var rows = Packer.Pack(samples, [.. Enumerable.Range(0, samples.Length)], rowLength: 256);

        Assert.InRange(rows.Count * 256.0 / samples.Sum(s => s.Positions), 1.0, 1.03);
    }

    private static void CheckPosition(TokenizedSample[] samples, PackedBatch batch, int at)
    {
        var segment = (int)batch.SegmentIds[at];
        if (segment == 0)
        {
            Assert.Equal((-1, PackedBatch.IgnoredTarget, 0, false), (batch.InputIds[at], batch.Targets[at], batch.PositionIds[at], batch.Activated[at]));
            return;
        }

        var sample = samples[batch.RowSamples[at / batch.Length][segment - 1]];
        var position = (int)batch.PositionIds[at];
        Assert.Equal(sample.Ids[position], batch.InputIds[at]);
        Assert.Equal(position + 1 >= sample.LossStart ? sample.Ids[position + 1] : PackedBatch.IgnoredTarget, batch.Targets[at]);
        Assert.Equal(position >= sample.InvocationStart, batch.Activated[at]);
    }
}
