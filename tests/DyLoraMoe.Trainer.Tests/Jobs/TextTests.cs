using System.Text;
using DyLoraMoe.Trainer.Jobs;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class TextTests
{
    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("longer than that", 10, "longer ...")]
    [InlineData("ääääää", 8, "ää...")]
    [InlineData("😀😀😀", 10, "😀...")]
    public void A_text_is_cut_between_characters(string text, int bytes, string expected)
    {
        Assert.Equal(expected, Text.Cut(text, bytes));
        Assert.True(Encoding.UTF8.GetByteCount(Text.Cut(text, bytes)) <= bytes);
    }
}
