using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Tests.Data;

public class SampleTokenizerTests
{
    [Fact]
    public void A_pair_becomes_begin_prompt_answer_end_with_loss_on_the_answer()
    {
        var sample = Single(Sample.Pair("ab", "xyz"), new TokenizeOptions());

        Assert.Equal("^abxyz$", FakeTokens.Decode(sample.Ids));
        Assert.Equal((3, 3, 2), (sample.AnswerStart, sample.LossStart, sample.InvocationStart));
        Assert.Equal(4, sample.LossTokens);
    }

    [Fact]
    public void Loss_on_everything_counts_every_token_with_a_predecessor()
    {
        var sample = Single(Sample.Pair("ab", "xyz"), new TokenizeOptions { Loss = LossOn.Everything });

        Assert.Equal(6, sample.LossTokens);
        Assert.Equal(2, sample.InvocationStart);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(9, 0)]
    public void The_invocation_point_moves_into_the_prompt_by_the_lead(int lead, int expected)
    {
        Assert.Equal(expected, Single(Sample.Pair("ab", "x"), new TokenizeOptions { InvocationLead = lead }).InvocationStart);
    }

    [Fact]
    public void A_long_prompt_loses_its_left_and_the_answer_stays()
    {
        var tokenizer = new SampleTokenizer(new FakeTokens(), new TokenizeOptions { MaxTokens = 8 });

        var sample = Assert.Single(tokenizer.Tokenize(Sample.Pair("abcdefgh", "xyz")));

        Assert.Equal("^fghxyz$", FakeTokens.Decode(sample.Ids));
        Assert.Equal(4, sample.AnswerStart);
        Assert.Equal((1, 0), (tokenizer.Report.PromptsCut, tokenizer.Report.AnswersCut));
    }

    [Fact]
    public void An_answer_too_long_on_its_own_is_cut_and_counted_and_does_not_claim_to_end()
    {
        var tokenizer = new SampleTokenizer(new FakeTokens(), new TokenizeOptions { MaxTokens = 9, MinPromptTokens = 2 });

        var sample = Assert.Single(tokenizer.Tokenize(Sample.Pair("abcd", "uvwxyzuvwxyz")));

        Assert.Equal("^cduvwxyz", FakeTokens.Decode(sample.Ids));
        Assert.Equal((1, 1), (tokenizer.Report.PromptsCut, tokenizer.Report.AnswersCut));
    }

    [Fact]
    public void Plain_text_is_split_somewhere_inside_and_always_at_the_same_place()
    {
        var text = Sample.PlainText("to be or not to be");
        var points = Enumerable.Range(0, 50).Select(seed => Single(text, new TokenizeOptions { Seed = (ulong)seed }).AnswerStart).ToList();

        Assert.All(points, point => Assert.InRange(point, 2, 19));
        Assert.True(points.Distinct().Count() > 10);
        Assert.Equal(points, Enumerable.Range(0, 50).Select(seed => Single(text, new TokenizeOptions { Seed = (ulong)seed }).AnswerStart));
    }

    [Fact]
    public void A_long_text_becomes_windows_in_which_every_token_is_predicted_once()
    {
        var text = new string([.. Enumerable.Range(0, 100).Select(i => (char)('A' + (i % 50)))]);
        var tokenizer = new SampleTokenizer(new FakeTokens(), new TokenizeOptions { MaxTokens = 17, Loss = LossOn.Everything });

        var windows = tokenizer.Tokenize(Sample.PlainText(text));

        Assert.All(windows, window => Assert.InRange(window.Ids.Length, 2, 17));
        Assert.Equal(text + "$", FakeTokens.Decode(windows.SelectMany(window => window.Ids[1..])));
        Assert.Equal(101, tokenizer.Report.LossTokens);
        Assert.Equal(1, tokenizer.Report.TextsWindowed);
    }

    [Fact]
    public void A_sample_that_predicts_nothing_is_counted()
    {
        var tokenizer = new SampleTokenizer(new FakeTokens { BosId = null, EosId = null }, new TokenizeOptions());

        Assert.Empty(tokenizer.Tokenize(Sample.Pair("", "x")));
        Assert.Empty(tokenizer.Tokenize(Sample.PlainText("x")));
        Assert.Equal(2, tokenizer.Report.WithoutPrediction);
    }

    private static TokenizedSample Single(Sample sample, TokenizeOptions options) =>
        Assert.Single(new SampleTokenizer(new FakeTokens(), options).Tokenize(sample));
}
