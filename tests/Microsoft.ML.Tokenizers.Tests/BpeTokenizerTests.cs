using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Tokenizers.Tests;

public sealed class BpeTokenizerTests
{
    [Fact]
    public void Merges_join_the_earliest_pair_first()
    {
        var tokens = Samples.Words().EncodeToTokens("hello world held", out var normalized);
        Assert.Null(normalized);
        Assert.Equal(["hello", "world", "he", "ld"], tokens.Select(token => token.Value));
        Assert.Equal([0..5, 6..11, 12..14, 14..16], tokens.Select(token => token.Offset));
        Assert.Equal(tokens.Select(token => token.Id), Samples.Words().EncodeToIds("hello world held"));
    }

    [Fact]
    public void Unknown_symbols_become_the_unknown_token_fused_or_not()
    {
        Assert.Equal([0, 0, 3], Samples.Words().EncodeToIds("xyh"));
        Assert.Equal([0, 3], Samples.Words(options => options.FuseUnknownTokens = true).EncodeToIds("xyh"));
        Assert.Equal([3], Samples.Words(options => options.UnknownToken = null).EncodeToIds("xyh"));
    }

    [Fact]
    public void Sentence_tokens_go_around_every_text()
    {
        var tokenizer = Samples.Words(options => (options.BeginningOfSentenceToken, options.EndOfSentenceToken) = ("<s>", "</s>"));
        Assert.Equal([1, 13, 2], tokenizer.EncodeToIds("hello"));
        Assert.Equal(3, tokenizer.CountTokens("hello"));
        Assert.Empty(tokenizer.EncodeToIds(""));
    }

    [Fact]
    public void Special_tokens_stay_whole_where_the_pre_tokenizer_isolates_them()
    {
        var special = new Dictionary<string, int> { ["<|x|>"] = 99 };
        var tokenizer = Samples.Words(options => (options.SpecialTokens, options.PreTokenizer) = (special, PreTokenizer.CreateWordOrNonWord(special)));
        Assert.Equal([13, 99, 17], tokenizer.EncodeToIds("hello<|x|>world"));
        Assert.Equal("hello<|x|>world", tokenizer.Decode([13, 99, 17]));
        Assert.Equal("helloworld", tokenizer.Decode([13, 99, 17], considerSpecialTokens: false));
    }

    [Fact]
    public void A_limit_stops_between_tokens_and_tells_where()
    {
        var ids = Samples.Words().EncodeToIds("hello held", 2, out var normalized, out var consumed);
        Assert.Null(normalized);
        Assert.Equal([13, 10], ids);
        Assert.Equal(8, consumed);
        Assert.Equal(8, Samples.Words().GetIndexByTokenCount("hello held", 2, out _, out var count));
        Assert.Equal(2, count);
        Assert.Equal(8, Samples.Words().GetIndexByTokenCountFromEnd("hello held", 1, out _, out count));
        Assert.Equal(1, count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Samples.Words().EncodeToIds("hello", 0, out _, out _));
    }

    [Fact]
    public void A_normalizer_runs_first_unless_told_not_to()
    {
        var tokenizer = Samples.Words(options => options.Normalizer = LowerCaseNormalizer.Instance);
        Assert.Equal("hello", tokenizer.EncodeToTokens("HELLO", out var normalized)[0].Value);
        Assert.Equal("hello", normalized);
        Assert.All(tokenizer.EncodeToIds("HELLO", considerNormalization: false), id => Assert.Equal(0, id));
        Assert.Equal("HELLO", UpperCaseNormalizer.Instance.Normalize("hello"));
    }

    [Fact]
    public void Prefixes_and_suffixes_mark_the_parts_of_words()
    {
        string[] tokens = ["a", "##b", "##c</w>", "a</w>", "a##b"];
        var tokenizer = BpeTokenizer.Create(new BpeOptions(tokens.Select((token, id) => KeyValuePair.Create(token, id)))
        {
            ContinuingSubwordPrefix = "##",
            EndOfWordSuffix = "</w>",
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
        });
        Assert.Equal([0, 1, 2, 3], tokenizer.EncodeToIds("abc a"));
        Assert.Equal("abc a", tokenizer.Decode([0, 1, 2, 3]));
    }

    [Fact]
    public void A_merge_of_what_the_vocabulary_lacks_is_an_error()
    {
        Assert.Throws<InvalidOperationException>(() => Samples.Words(options => options.Merges = ["h z"]));
        Assert.Throws<InvalidOperationException>(() => Samples.Words(options => options.Merges = ["h"]));
        Assert.Throws<InvalidOperationException>(() => Samples.Words(options => options.UnknownToken = "[none]"));
        Assert.Throws<InvalidOperationException>(() => BpeTokenizer.Create(new BpeOptions([])));
    }

    [Fact]
    public async Task Files_and_streams_make_the_same_tokenizer()
    {
        var folder = Directory.CreateTempSubdirectory("bpe-");
        try
        {
            var vocabulary = Path.Combine(folder.FullName, "vocab.json");
            var merges = Path.Combine(folder.FullName, "merges.txt");
            await File.WriteAllTextAsync(vocabulary, """{"a": 0, "b": 1, "ab": 2}""", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(merges, "#version: 0.2\na b\n", TestContext.Current.CancellationToken);
            using var vocabularyStream = File.OpenRead(vocabulary);
            using var mergesStream = File.OpenRead(merges);
            var tokenizers = new[]
            {
                BpeTokenizer.Create(vocabulary, merges),
                BpeTokenizer.Create(new BpeOptions(vocabulary, merges)),
                await BpeTokenizer.CreateAsync(vocabularyStream, mergesStream),
            };
            Assert.All(tokenizers, tokenizer => Assert.Equal([2, 0], tokenizer.EncodeToIds("aba")));
            Assert.All(tokenizers, tokenizer => Assert.Equal(3, tokenizer.Vocabulary.Count));
            await File.WriteAllTextAsync(merges, "a b c\n", TestContext.Current.CancellationToken);
            Assert.Throws<InvalidOperationException>(() => BpeTokenizer.Create(vocabulary, merges));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Gpt2_ids_and_texts_are_those_of_the_fixture()
    {
        var tokenizer = Samples.Gpt2();
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Samples.Shared("gpt2/expected.json")));
        foreach (var item in expected.RootElement.EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var ids = item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            Assert.Equal(ids, tokenizer.EncodeToIds(text));
            Assert.Equal(ids.Length, tokenizer.CountTokens(text.AsSpan()));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void Byte_level_tokens_know_the_characters_they_come_from()
    {
        var tokens = Samples.Gpt2().EncodeToTokens("a é日", out _);
        Assert.Equal([0..1, 1..3, 3..4, 3..4], tokens.Select(token => token.Offset));
        Assert.Equal("ĠÃ©", tokens[1].Value);
    }

    [Fact]
    public void Decoding_into_a_buffer_stops_before_the_token_that_does_not_fit()
    {
        var tokenizer = Samples.Gpt2();
        var ids = tokenizer.EncodeToIds("Hello world");
        var buffer = new char[8];
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, buffer, out var consumed, out var written));
        Assert.Equal((1, "Hello"), (consumed, new string(buffer, 0, written)));
        buffer = new char[11];
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, buffer, out consumed, out written));
        Assert.Equal((2, "Hello world"), (consumed, new string(buffer, 0, written)));
        Assert.Equal(OperationStatus.InvalidData, tokenizer.Decode([999_999], buffer, out _, out _));
    }

    [Fact]
    public void Random_text_goes_there_and_back()
    {
        var tokenizer = Samples.Gpt2();
        Random random = new(3);
        for (var i = 0; i < 200; i++)
        {
            StringBuilder text = new();
            for (var length = random.Next(30); length > 0; length--)
            {
                var point = random.Next(4) switch { 0 => random.Next(0x80), 1 => random.Next(0x800), 2 => random.Next(0xD800), _ => random.Next(0x10000, 0x110000) };
                text.Append(new Rune(point));
            }

            Assert.Equal(text.ToString(), tokenizer.Decode(tokenizer.EncodeToIds(text.ToString())));
        }
    }
}
