using DyLoraMoe.Core.Tokenization.PreTokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.PreTokenization;

public sealed class OnigurumaPatternTests
{
    [Theory]
    [InlineData(@"\p{L}+", "ab𝔘c 12", new[] { "ab𝔘c", " 12" })]
    [InlineData(@"\p{N}", "1𝟙2", new[] { "1", "𝟙", "2" })]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a😀!b", new[] { "a", "😀!", "b" })]
    [InlineData(@"\p{Lu}", "x𐐀𐐨", new[] { "x", "𐐀", "𐐨" })]
    [InlineData(@"(?i:'s|'k)", "a'Sb'ſc'\u212A", new[] { "a", "'S", "b", "'ſ", "c", "'\u212A" })]
    [InlineData(@"(?i)'s", "a'S", new[] { "a", "'S" })]
    [InlineData(@"[a-c]++d?+", "abcd-abc", new[] { "abcd", "-", "abc" })]
    [InlineData(@"\d{2}+", "12345", new[] { "1234", "5" })]
    [InlineData(@"a{,2}b", "aab-b", new[] { "aab", "-", "b" })]
    [InlineData(@"a{x}", "a{x}b", new[] { "a{x}", "b" })]
    [InlineData(@"\s+(?!\S)|\s+", "a   b", new[] { "a", "  ", " ", "b" })]
    [InlineData(@"[\[\]\\^-]+", @"a[\]-^b", new[] { "a", @"[\]-^", "b" })]
    [InlineData(@"\x{65E5}|\u672C|\x41", "日本A", new[] { "日", "本", "A" })]
    [InlineData(@"\p{^L}+|\P{L}", "ab12", new[] { "ab", "12" })]
    [InlineData(@"^a$", "a\na", new[] { "a", "\n", "a" })]
    [InlineData(@"\w+", "e\u0301_1-Ⅷ", new[] { "e\u0301_1", "-", "Ⅷ" })]
    [InlineData(@"\h+", "xfFg", new[] { "x", "fF", "g" })]
    [InlineData(@"(ab)+?c|(?>a)", "ababca", new[] { "ababc", "a" })]
    public void Patterns_cut_as_in_Oniguruma(string pattern, string text, string[] expected)
        => Assert.Equal(expected, Parts(pattern, text));

    [Theory]
    [InlineData(@"\p{Han}")]
    [InlineData(@"\K")]
    [InlineData(@"[a[bc]]")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"(?<name>a)")]
    [InlineData(@"(?x:a)")]
    [InlineData(@"\1")]
    [InlineData(@"😀")]
    [InlineData(@"[𝔘]")]
    [InlineData(@"*a")]
    [InlineData(@"[a")]
    [InlineData(@"a)")]
    [InlineData(@"\")]
    [InlineData(@"[z-a]")]
    public void What_has_no_equivalent_is_refused(string pattern)
        => Assert.Throws<NotSupportedException>(() => new OnigurumaPattern(pattern));

    [Fact]
    public void A_group_that_does_not_end_is_an_error()
        => Assert.Throws<InvalidDataException>(() => new OnigurumaPattern("(a"));

    [Theory]
    [InlineData("Removed", new[] { "a", "b" })]
    [InlineData("Isolated", new[] { "a", "-", "-", "b" })]
    [InlineData("MergedWithPrevious", new[] { "a-", "-", "b" })]
    [InlineData("MergedWithNext", new[] { "a", "-", "-b" })]
    [InlineData("Contiguous", new[] { "a", "--", "b" })]
    public void A_match_goes_where_the_behaviour_says(string behavior, string[] expected)
    {
        Assert.Equal(expected, Parts("-", "a--b", Enum.Parse<SplitBehavior>(behavior)));
        LiteralSplit literal = new("-", Enum.Parse<SplitBehavior>(behavior), false);
        Assert.Equal(expected, Parts(literal, "a--b"));
    }

    private static IEnumerable<string> Parts(string pattern, string text, SplitBehavior behavior = SplitBehavior.Isolated)
        => Parts(new PatternSplit(new OnigurumaPattern(pattern), behavior, false), text);

    private static IEnumerable<string> Parts(ISplitRule rule, string text)
        => new StretchPreTokenizer([rule]).PreTokenize(text).Select(part => text.Substring(part.Offset, part.Length));
}
