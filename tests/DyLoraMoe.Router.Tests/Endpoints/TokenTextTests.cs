using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Endpoints;

namespace DyLoraMoe.Router.Tests.Endpoints;

public sealed class TokenTextTests(SampleSet sample)
{
    [Fact]
    public void A_part_of_a_character_shows_its_bytes_and_the_parts_together_are_the_text()
    {
        var tokenizer = TextTokenizer.Load(sample.Backbone);
        var ids = tokenizer.Encode("clock € 雪", addSpecialTokens: false);

        var texts = ids.Select(id => TokenText.Of(tokenizer, id)).ToList();

        Assert.Equal("clock € 雪"u8.ToArray(), ids.SelectMany(tokenizer.BytesOf));
        Assert.Contains(texts, text => text.StartsWith(@"bytes:\xe", StringComparison.Ordinal) || text.StartsWith(@"bytes:\x82", StringComparison.Ordinal));
        Assert.DoesNotContain(texts, text => text.Contains('�', StringComparison.Ordinal));
    }
}
