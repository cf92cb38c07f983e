using DyLoraMoe.Core.Tokenization.PreTokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.PreTokenization;

/// <summary>The patterns of published models on splits that follow from them by hand. They differ in digits alone: Llama 3 takes up to three, Qwen 2 one.</summary>
public sealed class PublishedPatternTests
{
    private const string Qwen2Pattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData("I'll, we've", new[] { "I", "'ll", ",", " we", "'ve" })]
    [InlineData("DON'T it'S", new[] { "DON", "'T", " it", "'S" })]
    [InlineData("'quoted'", new[] { "'quoted", "'" })]
    [InlineData(" leading", new[] { " leading" })]
    [InlineData("two  spaces", new[] { "two", " ", " spaces" })]
    [InlineData("   three", new[] { "  ", " three" })]
    [InlineData("end  ", new[] { "end", "  " })]
    [InlineData("\tfoo(bar)", new[] { "\tfoo", "(bar", ")" })]
    [InlineData("a\n\n b", new[] { "a", "\n\n", " b" })]
    [InlineData("a \r\n\tb", new[] { "a", " \r\n", "\tb" })]
    [InlineData("f();\n\nx", new[] { "f", "();\n\n", "x" })]
    [InlineData("a +=\nb", new[] { "a", " +=\n", "b" })]
    [InlineData("日本語。東京", new[] { "日本語", "。東京" })]
    [InlineData("你好 世界！", new[] { "你好", " 世界", "！" })]
    [InlineData("naïve e\u0301t", new[] { "naïve", " e", "\u0301t" })]
    [InlineData("ok😀😀 𝔘x", new[] { "ok", "😀😀", " 𝔘x" })]
    public void Both_cut_words_marks_spaces_and_lines_alike(string text, string[] expected)
    {
        Assert.Equal(expected, Parts(TokenizerFiles.Llama3Pattern, text));
        Assert.Equal(expected, Parts(Qwen2Pattern, text));
    }

    [Theory]
    [InlineData("1234567", new[] { "123", "456", "7" }, new[] { "1", "2", "3", "4", "5", "6", "7" })]
    [InlineData("in 2024", new[] { "in", " ", "202", "4" }, new[] { "in", " ", "2", "0", "2", "4" })]
    [InlineData("3.1415", new[] { "3", ".", "141", "5" }, new[] { "3", ".", "1", "4", "1", "5" })]
    [InlineData("1½٣4", new[] { "1½٣", "4" }, new[] { "1", "½", "٣", "4" })]
    [InlineData("v12b", new[] { "v", "12", "b" }, new[] { "v", "1", "2", "b" })]
    public void Digits_go_by_three_in_Llama_3_and_one_by_one_in_Qwen_2(string text, string[] llama, string[] qwen)
    {
        Assert.Equal(llama, Parts(TokenizerFiles.Llama3Pattern, text));
        Assert.Equal(qwen, Parts(Qwen2Pattern, text));
    }

    private static IEnumerable<string> Parts(string pattern, string text) =>
        new StretchPreTokenizer([new PatternSplit(new OnigurumaPattern(pattern), SplitBehavior.Isolated, false)])
            .PreTokenize(text).Select(part => text.Substring(part.Offset, part.Length));
}
