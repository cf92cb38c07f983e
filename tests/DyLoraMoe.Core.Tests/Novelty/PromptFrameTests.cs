using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Novelty;

public class PromptFrameTests
{
    [Fact]
    public void What_prompts_share_at_both_ends_is_their_frame()
    {
        var frame = PromptFrame.Of([[1, 2, 10, 3], [1, 2, 11, 12, 3], [1, 2, 13, 3]]);

        Assert.Equal([1, 2], frame.Before);
        Assert.Equal([3], frame.After);
    }

    [Fact]
    public void A_few_odd_prompts_do_not_hide_what_the_others_share()
    {
        var prompts = Enumerable.Range(0, 95).Select(index => new[] { 1, 100 + index, 3 }).Concat(Enumerable.Range(0, 5).Select(index => new[] { 9, 9, 9 })).ToList();

        var frame = PromptFrame.Of(prompts);

        Assert.Equal([1], frame.Before);
        Assert.Equal([3], frame.After);
    }

    [Fact]
    public void Words_that_only_some_prompts_have_belong_to_what_is_asked_about()
    {
        var frame = PromptFrame.Of([.. Enumerable.Range(0, 40).Select(index => new[] { 1, 20 + (index % 2), 100 + index, 3 })]);

        Assert.Equal([1], frame.Before);
    }

    [Fact]
    public void Prompts_that_are_all_alike_keep_one_id_for_themselves()
    {
        var frame = PromptFrame.Of([[1, 2, 3], [1, 2, 3]]);

        Assert.Equal(2, frame.Before.Count + frame.After.Count);
    }

    [Fact]
    public void Prompts_without_shared_words_and_no_prompts_have_an_empty_frame()
    {
        Assert.All([PromptFrame.Of([]), PromptFrame.Of([[1], [2]])], frame => Assert.Empty(frame.Before.Concat(frame.After)));
    }

    [Fact]
    public void A_reworded_sample_keeps_its_answer_and_what_is_marked_in_it()
    {
        var (from, to) = (new PromptFrame([1, 2], [3]), new PromptFrame([7], [8, 9, 6]));
        var sample = new TokenizedSample([1, 2, 10, 11, 3, 50, 51], AnswerStart: 5, LossStart: 5, InvocationStart: 4);

        var reworded = from.Reword(sample, to)!;

        Assert.Equal([7, 10, 11, 8, 9, 6, 50, 51], reworded.Ids);
        Assert.Equal((6, 6, 5), (reworded.AnswerStart, reworded.LossStart, reworded.InvocationStart));
        Assert.Equal(0, from.Reword(sample with { LossStart = 0 }, to)!.LossStart);
    }

    [Fact]
    public void A_prompt_of_one_id_is_put_back_between_words_with_its_marks()
    {
        var sample = new TokenizedSample([10, 50], AnswerStart: 1, LossStart: 1, InvocationStart: 0);

        Assert.Equal(3, new PromptFrame([], []).Reword(sample, new PromptFrame([1, 2], [3]))!.InvocationStart);
    }

    [Theory]
    [InlineData(new[] { 1, 10, 3 })]
    [InlineData(new[] { 1, 2, 10, 4 })]
    [InlineData(new[] { 1, 2, 3 })]
    [InlineData(new int[0])]
    public void A_prompt_that_is_not_in_the_words_of_the_frame_cannot_be_reworded(int[] prompt)
    {
        var sample = new TokenizedSample([.. prompt, 50], prompt.Length, prompt.Length, Math.Max(0, prompt.Length - 1));

        Assert.Null(new PromptFrame([1, 2], [3]).Reword(sample, new PromptFrame([7], [])));
    }

    [Fact]
    public void Words_put_in_and_taken_out_again_leave_the_sample_as_it_was() => Prop.ForAll(
        Gen.Choose(200, 260).ArrayOf().Four().ToArbitrary(),
        parts =>
        {
            var (about, before, after, answer) = parts;
            var (from, to) = (new PromptFrame([1, 2], [3]), new PromptFrame(before, after));
            int[] prompt = [1, 2, 1000, .. about, 3];
            var sample = new TokenizedSample([.. prompt, .. answer], prompt.Length, prompt.Length, prompt.Length - 1);

            var back = to.Reword(from.Reword(sample, to)!, from)!;

            return back.Ids.SequenceEqual(sample.Ids) && (back.AnswerStart, back.LossStart, back.InvocationStart) == (sample.AnswerStart, sample.LossStart, sample.InvocationStart);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_frame_of_reworded_prompts_is_the_one_they_were_put_into()
    {
        var (from, to) = (new PromptFrame([1, 2], [3]), new PromptFrame([7], [8, 9]));
        var samples = Enumerable.Range(0, 40).Select(index => new TokenizedSample([1, 2, 100 + index, 3, 50], 4, 4, 3));

        var found = PromptFrame.Of([.. samples.Select(sample => FeatureExtractor.PromptOf(from.Reword(sample, to)!))]);

        Assert.True(found.HasSameWords(to));
        Assert.False(found.HasSameWords(from));
    }

    [Fact]
    public void What_is_asked_about_is_spelled_as_it_would_be_between_the_other_words()
    {
        var texts = new WordTexts();
        int[][] quoted = [.. Letters().Select(letter => texts.IdsOf($"say:'{letter} {letter}'."))];
        int[][] spaced = [.. Letters().Select(letter => texts.IdsOf($"Echo: {letter} {letter} ->"))];
        var (from, to) = (PromptFrame.Of(quoted, texts), PromptFrame.Of(spaced, texts));
        var sample = new TokenizedSample([.. quoted[3], 50], quoted[3].Length, quoted[3].Length, quoted[3].Length - 1);

        Assert.Equal(("", " "), (from.Lead, to.Lead));
        Assert.Equal(spaced[3], FeatureExtractor.PromptOf(from.Reword(sample, to, texts)!));
        Assert.NotEqual(spaced[3], FeatureExtractor.PromptOf(from.Reword(sample, to)!));

        static IEnumerable<char> Letters() => Enumerable.Range(0, 20).Select(index => (char)('a' + index));
    }

    // Letters, with the space before them if there is one, and single other characters.
    private sealed class WordTexts : IPromptTexts
    {
        public string TextOf(IReadOnlyList<int> ids) => string.Concat(ids.Select(id => id >= 1000 ? $" {(char)(id - 1000)}" : $"{(char)id}"));

        public int[] IdsOf(string text)
        {
            var ids = new List<int>();
            for (var at = 0; at < text.Length; at++)
            {
                ids.Add(text[at] == ' ' && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]) ? 1000 + text[++at] : text[at]);
            }

            return [.. ids];
        }
    }
}
