using DyLoraMoe.Core.Generation;

namespace DyLoraMoe.Core.Tests.Generation;

public sealed class StopScannerTests
{
    [Theory]
    [InlineData("one END two", "END", "one ")]
    [InlineData("no stop here", "END", "no stop here")]
    [InlineData("ends with EN", "END", "ends with EN")]
    [InlineData("aab aaab x", "aaab", "aab ")]
    [InlineData("END", "END", "")]
    [InlineData("x\n\ny", "\n\n", "x")]
    public void However_the_text_arrives_it_ends_before_the_stop(string text, string stop, string expected)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var scanner = new StopScanner([stop]);
            var shown = string.Concat(text.Chunk(size).Select(part => scanner.Push(new string(part)))) + scanner.Flush();

            Assert.Equal(expected, shown);
            Assert.Equal(text.Contains(stop, StringComparison.Ordinal), scanner.IsStopped);
        }
    }

    [Fact]
    public void The_earliest_of_several_stops_counts() =>
        Assert.Equal("a ", new StopScanner(["three", "two", "one"]).Push("a two one three"));

    [Fact]
    public void Text_that_cannot_become_a_stop_is_shown_at_once()
    {
        var scanner = new StopScanner(["END"]);

        Assert.Equal("abc", scanner.Push("abc"));
        Assert.Equal("", scanner.Push("E"));
        Assert.Equal("Ex", scanner.Push("x"));
    }
}
