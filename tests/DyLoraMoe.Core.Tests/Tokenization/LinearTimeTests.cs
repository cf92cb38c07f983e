namespace DyLoraMoe.Core.Tests.Tokenization;

/// <summary>A quadratic path would take minutes here, so finishing at all within a test's patience is the check; no clock is read.</summary>
public sealed class LinearTimeTests
{
    private const int Length = 1 << 20;

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (var kind in (string[])["gpt2", "byte-level", "byte-fallback", "metaspace", "sentencepiece"])
            {
                foreach (var unit in (string[])["a", " ", "é", "日", "😀", "ab", "\n", "1", "<", " \n", "▁", "hello"])
                {
                    cases.Add(kind, unit);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_megabyte_of_one_thing_over_and_over_goes_there_and_back(string kind, string unit)
    {
        var tokenizer = RoundTripTests.Tokenizer(kind);
        var text = string.Concat(Enumerable.Repeat(unit, Length / System.Text.Encoding.UTF8.GetByteCount(unit))) + "x";
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void A_megabyte_of_marks_on_one_letter_is_normalized_and_goes_there_and_back()
    {
        var tokenizer = TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), "normalizer", new System.Text.Json.Nodes.JsonObject { ["type"] = "NFC" }));
        var text = "x" + string.Concat(Enumerable.Repeat("\u0316\u0301", Length / 4));
        var normalized = tokenizer.Decode(tokenizer.Encode(text));
        Assert.Equal("x" + new string('\u0316', Length / 4) + new string('\u0301', Length / 4), normalized);
    }
}
