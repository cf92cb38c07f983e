using System.Buffers;
using System.Text;

namespace Microsoft.ML.Tokenizers.Tests;

public sealed class LlamaTokenizerTests
{
    [Fact]
    public void Pieces_join_by_score_behind_a_mark()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        var tokens = tokenizer.EncodeToTokens("hello", out var normalized);
        Assert.Equal("▁hello", normalized);
        Assert.Equal(["<s>", "▁hello"], tokens.Select(token => token.Value));
        Assert.Equal([0..0, 0..6], tokens.Select(token => token.Offset));
    }

    [Fact]
    public void Unknown_characters_fall_back_to_their_bytes()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        var tokens = tokenizer.EncodeToTokens("é", out _, addBeginningOfSentence: false, addEndOfSentence: false);
        Assert.Equal(["▁", "<0xC3>", "<0xA9>"], tokens.Select(token => token.Value));
        Assert.Equal("é", tokenizer.Decode(tokens.Select(token => token.Id)));
    }

    [Fact]
    public void Without_byte_fallback_they_are_unknown()
    {
        var tokenizer = SentencePieceTokenizer.Create(Samples.SentencePiece(byteFallback: false));
        Assert.Equal(0, tokenizer.EncodeToIds("é", addBeginningOfSentence: false, addEndOfSentence: false)[^1]);
        Assert.False(tokenizer.ByteFallback);
    }

    [Fact]
    public void Sentence_tokens_are_added_and_decoded_as_asked()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece(), addBeginOfSentence: true, addEndOfSentence: true);
        var ids = tokenizer.EncodeToIds("hello");
        Assert.Equal((1, 2), (ids[0], ids[^1]));
        Assert.Equal("hello", tokenizer.Decode(ids));
        Assert.Equal("<s>hello</s>", tokenizer.Decode(ids, considerSpecialTokens: true));
        Assert.Equal(3, tokenizer.CountTokens("hello"));
        Assert.Equal(1, tokenizer.CountTokens("hello", addBeginningOfSentence: false, addEndOfSentence: false));
        Assert.Empty(tokenizer.EncodeToIds(""));
    }

    [Fact]
    public void The_model_tells_its_properties()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        Assert.Equal((0, 1, 2), (tokenizer.UnknownId, tokenizer.BeginningOfSentenceId, tokenizer.EndOfSentenceId));
        Assert.Equal(("<unk>", "<s>", "</s>"), (tokenizer.UnknownToken, tokenizer.BeginningOfSentenceToken, tokenizer.EndOfSentenceToken));
        Assert.True(tokenizer.ByteFallback && tokenizer.AddDummyPrefix && tokenizer.EscapeWhiteSpaces && !tokenizer.TreatWhitespaceAsSuffix);
        Assert.Equal(3, tokenizer.Vocabulary["<0x00>"]);
    }

    [Fact]
    public void Added_special_tokens_stay_whole()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece(), specialTokens: new Dictionary<string, int> { ["[X]"] = 1000 });
        Assert.Equal(["<s>", "[X]", "▁hello", "[X]"], tokenizer.EncodeToTokens("[X]hello[X]", out _).Select(token => token.Value));
    }

    [Fact]
    public void A_limit_never_cuts_a_character()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        Assert.Single(tokenizer.EncodeToIds("éé", false, false, 2, out _, out var consumed));
        Assert.Equal(1, consumed);
        Assert.Equal(2, tokenizer.GetIndexByTokenCount("éé", false, false, 4, out var normalized, out var count));
        Assert.Equal((3, "▁éé"), (count, normalized));
    }

    [Fact]
    public void Extra_spaces_go_where_the_model_says_so()
    {
        var normalizer = SentencePieceTokenizer.Create(Samples.SentencePiece(removeExtra: true)).Normalizer!;
        Assert.Equal("▁a▁b", normalizer.Normalize("  a   b "));
        Assert.Equal("▁▁a▁▁b", new SentencePieceNormalizer(false, true, true, false, null).Normalize(" a  b"));
        Assert.Equal("a▁b▁", new SentencePieceNormalizer(false, true, true, true, null).Normalize("a b"));
    }

    [Fact]
    public void Models_of_other_kinds_are_refused()
    {
        Assert.Throws<ArgumentException>(() => LlamaTokenizer.Create(Samples.SentencePiece(normalizer: "nmt_nfkc")));
        Assert.Throws<ArgumentException>(() => LlamaTokenizer.Create(Samples.SentencePiece(modelType: 1)));
    }

    [Fact]
    public void Decoding_into_a_buffer_stops_before_the_token_that_does_not_fit()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        var ids = tokenizer.EncodeToIds("hello hello", false, false);
        var buffer = new char[7];
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, buffer, out var consumed, out var written));
        Assert.Equal((1, "hello"), (consumed, new string(buffer, 0, written)));
    }

    // A quadratic path would take minutes here; no clock is read.
    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("hel")]
    [InlineData("hello ")]
    [InlineData("日")]
    [InlineData("é")]
    public void A_megabyte_of_one_thing_over_and_over_goes_there_and_back(string unit)
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        var text = string.Concat(Enumerable.Repeat(unit, (1 << 20) / Encoding.UTF8.GetByteCount(unit))) + "x";

        Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
    }

    [Fact]
    public void Random_text_goes_there_and_back()
    {
        var tokenizer = LlamaTokenizer.Create(Samples.SentencePiece());
        Random random = new(5);
        for (var i = 0; i < 200; i++)
        {
            StringBuilder text = new("x");
            for (var length = random.Next(30); length > 0; length--)
            {
                var point = random.Next(4) switch { 0 => ' ', 1 => random.Next(0x21, 0x80), 2 => random.Next(0x2582, 0xD800), _ => random.Next(0x10000, 0x110000) };
                text.Append(new Rune(point));
            }

            Assert.Equal(text.ToString(), tokenizer.Decode(tokenizer.EncodeToIds(text.ToString())));
        }
    }
}
