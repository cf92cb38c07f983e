using System.Collections.Concurrent;
using System.Text;
using DyLoraMoe.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Tokenization;

public sealed class RoundTripTests
{
    // Corners that random text seldom reaches: spaces and marks, special tokens, surrogate pairs, noncharacters.
    private static readonly string[] Pieces =
        [" ", "  ", "\n", "\r\n", "\t", "▁", "▁▁", "a", "hello", " world", "123", "é", "e\u0301", "日本", "😀", "𝔘", "\0", "\u00A0", "\u3000", "\uFFFF", "\uFEFF", "<s>", "</s>", "<|eos|>", "<unk>", "<0x41>", "'s", "'Ll"];

    private static readonly ConcurrentDictionary<string, TextTokenizer> Loaded = new();

    public static TheoryData<string> Kinds => ["gpt2", "byte-level", "byte-fallback", "metaspace", "sentencepiece"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_gives_back_every_text(string kind)
    {
        var tokenizer = Tokenizer(kind);
        Law.Holds(Texts(), text =>
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: false)[Beginning(tokenizer).Length..]);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, parseSpecialTokens: false)));
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_id_by_id_equals_decoding_at_once_for_any_ids(string kind)
    {
        var tokenizer = Tokenizer(kind);
        var ids = Gen.Choose(-1, tokenizer.VocabularySize + 1).ArrayOf();
        foreach (var skip in (bool[])[true, false])
        {
            Law.Holds(ids, sequence =>
            {
                var decoder = tokenizer.CreateDecoder(skip);
                StringBuilder text = new();
                foreach (var id in sequence)
                {
                    var more = decoder.Push(id);
                    Assert.False(more.Length > 0 && (char.IsHighSurrogate(more[^1]) || char.IsLowSurrogate(more[0])));
                    text.Append(more);
                }

                Assert.Equal(tokenizer.Decode(sequence, skip), text.Append(decoder.Flush()).ToString());
            });
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_encodes_to_the_beginning_alone(string kind)
    {
        var tokenizer = Tokenizer(kind);
        Assert.Empty(tokenizer.Encode("", addSpecialTokens: false));
        Assert.Equal("", tokenizer.Decode(tokenizer.Encode("")));
        Assert.Equal("", tokenizer.Decode([]));
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
        => Assert.Equal("a\uFFFDb", TokenizerFiles.Gpt2.Decode(TokenizerFiles.Gpt2.Encode("a\uD83Db")));

    [Fact]
    public void Invalid_bytes_become_replacement_characters_when_the_sequence_ends()
    {
        var half = TokenizerFiles.Gpt2.Encode("日")[0];
        var decoder = TokenizerFiles.Gpt2.CreateDecoder();
        Assert.Equal("", decoder.Push(half));
        Assert.Equal("\uFFFD", decoder.Flush());
    }

    [Fact]
    public void A_continuation_keeps_the_space_that_a_text_would_lose()
    {
        var tokenizer = Tokenizer("byte-fallback");
        var hello = tokenizer.TokenId("▁hello")!.Value;
        Assert.Equal("hello", tokenizer.CreateDecoder().Push(hello));
        Assert.Equal(" hello", tokenizer.CreateDecoder(startOfText: false).Push(hello));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_continuation_goes_on_where_the_text_before_it_ended(string kind)
    {
        var tokenizer = Tokenizer(kind);
        Law.Holds(Gen.Zip(Texts(), Texts()).Where(pair => pair.Item1.Length > 0), pair =>
        {
            var (before, text) = pair;
            var ids = tokenizer.EncodeContinuation(text, parseSpecialTokens: false);
            Assert.Equal(before + text, tokenizer.Decode([.. tokenizer.Encode(before, parseSpecialTokens: false), .. ids]));
            Assert.Equal(text, Continued(tokenizer, ids));
            Assert.Equal(text, Continued(tokenizer, tokenizer.EncodeContinuation(text), skipSpecialTokens: false));
        });
    }

    internal static TextTokenizer Tokenizer(string kind) => Loaded.GetOrAdd(kind, Load);

    private static TextTokenizer Load(string kind) => kind switch
    {
        "gpt2" => TokenizerFiles.Gpt2,
        "byte-level" => TokenizerFiles.Load(TokenizerFiles.ByteLevel()),
        "byte-fallback" => TokenizerFiles.Load(TokenizerFiles.ByteFallback()),
        "metaspace" => TokenizerFiles.Load(GemmaLike()),
        _ => Loading.SentencePieceTests.Load(Loading.SentencePieceTests.Small()),
    };

    private static System.Text.Json.Nodes.JsonObject GemmaLike()
    {
        // Gemma replaces spaces and puts nothing in front.
        var tokenizer = TokenizerFiles.ByteFallback();
        tokenizer["normalizer"] = tokenizer["normalizer"]!["normalizers"]![1]!.DeepClone();
        tokenizer["decoder"]!["decoders"]!.AsArray().RemoveAt(3);
        return tokenizer;
    }

    private static string Continued(TextTokenizer tokenizer, IEnumerable<int> ids, bool skipSpecialTokens = true)
    {
        var decoder = tokenizer.CreateDecoder(skipSpecialTokens, startOfText: false);
        return string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
    }

    private static string Beginning(TextTokenizer tokenizer) => tokenizer.Encode("") is [var bos] ? tokenizer.TokenText(bos)! : "";

    private static Gen<string> Texts()
    {
        var runes = Gen.OneOf(Gen.Choose(0, 0xD7FF), Gen.Choose(0xE000, 0x10FFFF)).Select(point => new Rune(point).ToString());
        var part = Gen.Frequency((3, Gen.Elements(Pieces)), (1, runes));
        return part.ListOf().Select(parts => string.Concat(parts));
    }
}
