using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tests.Tokenization;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Tests.Data;

public sealed class TextTokenSourceTests
{
    public static TheoryData<string> Kinds => RoundTripTests.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pair_is_learnt_as_it_is_shown(string kind)
    {
        var tokenizer = RoundTripTests.Tokenizer(kind);
        foreach (var (prompt, answer) in (IEnumerable<(string, string)>)[("A:", "4"), ("A:", " 4"), ("A: ", "hello"), ("hello\n", "  hello"), (" hel", "lo")])
        {
            var sample = Assert.Single(new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions { AppendEos = false }).Tokenize(Sample.Pair(prompt, answer)));

            Assert.Equal(prompt + answer, tokenizer.Decode(sample.Ids));
            Assert.Equal(answer, Generated(tokenizer, sample.Ids[sample.AnswerStart..]));
        }
    }

    [Fact]
    public void An_answer_has_the_tags_of_its_model_as_tokens_and_a_prompt_does_not()
    {
        using TokenizerFiles files = new();
        var json = TokenizerFiles.ByteLevel();
        json["added_tokens"]!.AsArray().Add(TokenizerFiles.Added(500, "<think>", special: false));
        json["added_tokens"]!.AsArray().Add(TokenizerFiles.Added(501, "</think>", special: false));
        var tokenizer = files.Write("tokenizer.json", json).Write("tokenizer_config.json", """{"chat_template": "<think>"}""").Load();

        var sample = Assert.Single(new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions()).Tokenize(Sample.Pair("<think>", "<think>")));

        Assert.Equal(500, sample.Ids[sample.AnswerStart]);
        Assert.DoesNotContain(500, sample.Ids[..sample.AnswerStart]);
    }

    // As a generator decodes what a model adds to a prompt.
    private static string Generated(TextTokenizer tokenizer, IEnumerable<int> ids)
    {
        var decoder = tokenizer.CreateDecoder(startOfText: false);
        return string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
    }
}
