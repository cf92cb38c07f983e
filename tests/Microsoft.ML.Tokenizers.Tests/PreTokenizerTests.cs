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

    private static IEnumerable<string> Parts(PreTokenizer tokenizer, string text)
        => tokenizer.PreTokenize(text).Select(part => text.Substring(part.Offset, part.Length));

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Letters();
}
