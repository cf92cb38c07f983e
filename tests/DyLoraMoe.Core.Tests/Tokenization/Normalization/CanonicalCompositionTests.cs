using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tests.Tokenization.Normalization;

public sealed class CanonicalCompositionTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "é")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0323\u0302", "ậ")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1100\u1161\u11A8", "각")]
    [InlineData("가\u11A8", "각")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u1F71", "ά")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("\u09C7\u09BE", "\u09CB")]
    [InlineData("\U000110A5\U000110BA", "\U000110AB")]
    [InlineData("a\u0315\u0300\u05AE\u0300b", "à\u05AE\u0300\u0315b")]
    public void Text_is_composed(string text, string expected) => Assert.Equal(expected, CanonicalComposition.Compose(text));

    [Theory]
    [InlineData("é", "e\u0301")]
    [InlineData("ậ", "a\u0323\u0302")]
    [InlineData("각", "\u1100\u1161\u11A8")]
    [InlineData("plain", "plain")]
    public void Text_is_decomposed(string text, string expected) => Assert.Equal(expected, CanonicalComposition.Decompose(text));

    [Fact]
    public void Composing_what_was_decomposed_gives_the_composed_text_for_every_character()
    {
        for (var point = 0xA0; point < 0x3_0000; point++)
        {
            if (point is < 0xD800 or > 0xDFFF)
            {
                var text = char.ConvertFromUtf32(point);
                var composed = CanonicalComposition.Compose(text);
                Assert.Equal(composed, CanonicalComposition.Compose(CanonicalComposition.Decompose(text)));
                Assert.Equal(composed, CanonicalComposition.Compose(composed));
            }
        }
    }
}
