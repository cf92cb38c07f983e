using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers.Tests;

public sealed partial class PreTokenizerTests
{
    [Fact]
    public void The_ready_made_ones_cut_as_they_are_called()
    {
        Assert.Equal(["How", "are", "you", "?", "!"], Parts(PreTokenizer.CreateWordOrPunctuation(), "How are you?!"));
        Assert.Equal(["How", "are", "you", "?!"], Parts(PreTokenizer.CreateWordOrNonWord(), "How are you?!"));
        Assert.Equal(["How", "are", "you?!"], Parts(PreTokenizer.CreateWhiteSpace(), "How are you?!"));
        Assert.Equal(["How", " are", " you", "?!"], Parts(RobertaPreTokenizer.Instance, "How are you?!"));
    }

    [Fact]
    public void Special_tokens_are_parts_of_their_own()
    {
        var special = new Dictionary<string, int> { ["<a b>"] = 1 };
        Assert.Equal(["x", "<a b>", "y"], Parts(PreTokenizer.CreateWordOrNonWord(special), "x<a b>y"));
        Assert.Equal(["x", "<a b>"], Parts(new RegexPreTokenizer(Letters(), special), "x<a b>"));
    }

    [Fact]
    public void Spans_and_strings_are_cut_alike_and_nothing_gives_nothing()
    {
        var tokenizer = PreTokenizer.CreateWordOrNonWord();
        Assert.Equal(tokenizer.PreTokenize("a b-c"), tokenizer.PreTokenize("a b-c".AsSpan()));
        Assert.Empty(tokenizer.PreTokenize(""));
        Assert.Empty(RobertaPreTokenizer.Instance.PreTokenize(""));
    }

    [Theory]
    [InlineData("I'll say DON'T", new[] { "I", "'ll", " say", " DON", "'T" })]
    [InlineData("in 12345", new[] { "in", " ", "123", "45" })]
    [InlineData("a  b\n\n c", new[] { "a", " ", " b", "\n\n", " c" })]
    [InlineData("日本語。東京", new[] { "日本語", "。東京" })]
    public void The_pattern_of_Llama_3_cuts_as_it_follows_by_hand(string text, string[] expected)
        => Assert.Equal(expected, Parts(new RegexPreTokenizer(Llama3Pattern(), specialTokens: null), text));

    private static IEnumerable<string> Parts(PreTokenizer tokenizer, string text)
        => tokenizer.PreTokenize(text).Select(part => text.Substring(part.Offset, part.Length));

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    private static partial Regex Llama3Pattern();

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Letters();
}
