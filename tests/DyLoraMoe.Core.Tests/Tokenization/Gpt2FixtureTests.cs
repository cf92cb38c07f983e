using System.Text.Json;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Tokenization;

public sealed class Gpt2FixtureTests
{
    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.json")]
    public void Every_text_has_the_reference_ids_and_decodes_back(string file)
    {
        var tokenizer = TextTokenizer.LoadFile(SharedFiles.Shared($"fixtures/gpt2/{file}"));
        using var expected = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Shared("fixtures/gpt2/expected.json")));
        foreach (var item in expected.RootElement.EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            Assert.Equal(item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: false));
        }
    }

    [Fact]
    public void A_folder_prefers_tokenizer_json_and_knows_the_end_of_text()
    {
        var tokenizer = TextTokenizer.Load(SharedFiles.Shared("fixtures/gpt2"));
        Assert.Equal(50257, tokenizer.VocabularySize);
        Assert.Equal(50256, tokenizer.EosId);
        Assert.Equal(50256, tokenizer.SpecialTokens["<|endoftext|>"]);
    }

    [Fact]
    public void Special_tokens_in_text_are_taken_as_text_when_asked()
    {
        var ids = TokenizerFiles.Gpt2.Encode("a<|endoftext|>b", parseSpecialTokens: false);
        Assert.DoesNotContain(50256, ids);
        Assert.Equal("a<|endoftext|>b", TokenizerFiles.Gpt2.Decode(ids));
    }

    [Fact]
    public void Skipping_special_tokens_leaves_the_text_around_them()
        => Assert.Equal("ab", TokenizerFiles.Gpt2.Decode(TokenizerFiles.Gpt2.Encode("a<|endoftext|>b"), skipSpecialTokens: true));
}
