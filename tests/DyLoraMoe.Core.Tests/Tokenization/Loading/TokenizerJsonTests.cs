using System.Text.Json.Nodes;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.Loading;

public sealed class TokenizerJsonTests
{
    [Fact]
    public void Byte_level_pieces_merge_within_the_pattern()
        => Assert.Equal(["hello", "Ġwor", "l", "d", "123", "4"], Tokens(TokenizerFiles.Load(TokenizerFiles.ByteLevel()), "hello world1234"));

    [Fact]
    public void Merges_may_be_pairs_instead_of_strings()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        JsonArray pairs = [.. tokenizer["model"]!["merges"]!.AsArray().Select(merge => (JsonNode)new JsonArray([.. merge!.GetValue<string>().Split(' ').Select(half => (JsonNode)half)]))];
        Assert.Equal(["hello", "Ġwor"], Tokens(TokenizerFiles.Load(TokenizerFiles.With(tokenizer, "model.merges", pairs)), "hello wor"));
    }

    [Fact]
    public void Ignoring_merges_takes_a_piece_that_is_a_token_as_it_is()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        tokenizer["model"]!["vocab"]!["world"] = 400;
        Assert.Equal(["w", "or", "l", "d"], Tokens(TokenizerFiles.Load(tokenizer), "world"));
        Assert.Equal(["world"], Tokens(TokenizerFiles.Load(TokenizerFiles.With(tokenizer, "model.ignore_merges", true)), "world"));
    }

    [Fact]
    public void Characters_outside_the_vocabulary_fall_back_to_their_bytes()
        => Assert.Equal(["<s>", "▁hello", "▁", "<0xE2>", "<0x98>", "<0x83>", "<0x0A>"], Tokens(TokenizerFiles.Load(TokenizerFiles.ByteFallback()), "hello ☃\n"));

    [Fact]
    public void Without_bytes_they_are_one_unknown_token_when_fused()
    {
        var tokenizer = TokenizerFiles.With(TokenizerFiles.ByteFallback(), "model.byte_fallback", false);
        Assert.Equal(["<s>", "▁", "<unk>", "h"], Tokens(TokenizerFiles.Load(tokenizer), "☃☃h"));
        Assert.Equal(["<s>", "▁", "<unk>", "<unk>", "h"], Tokens(TokenizerFiles.Load(TokenizerFiles.With(tokenizer, "model.fuse_unk", false)), "☃☃h"));
    }

    [Fact]
    public void Every_stretch_between_special_tokens_gets_its_own_mark_and_loses_it_again()
    {
        var tokenizer = TokenizerFiles.Load(TokenizerFiles.ByteFallback());
        Assert.Equal(["<s>", "▁hello", "</s>", "▁hello"], Tokens(tokenizer, "hello</s>hello"));
        Assert.Equal("<s>hello</s>hello", tokenizer.Decode(tokenizer.Encode("hello</s>hello"), skipSpecialTokens: false));
        Assert.Equal("hellohello", tokenizer.Decode(tokenizer.Encode("hello</s>hello")));
    }

    [Theory]
    [InlineData("always", new[] { "▁hello", "</s>", "▁hello" })]
    [InlineData("first", new[] { "▁hello", "</s>", "hel", "lo" })]
    [InlineData("never", new[] { "hel", "lo", "</s>", "hel", "lo" })]
    public void Metaspace_puts_its_mark_where_its_scheme_says(string scheme, string[] expected)
    {
        var tokenizer = TokenizerFiles.ByteFallback();
        tokenizer["normalizer"] = null;
        tokenizer["model"]!["merges"]!.AsArray().Insert(0, "h el");
        tokenizer["model"]!["merges"]!.AsArray().Insert(0, "e l");
        tokenizer["model"]!["vocab"]!["hel"] = 300;
        tokenizer["model"]!["merges"] = new JsonArray("e l", "▁ h", "▁h el", "l o", "▁hel lo", "h el");
        tokenizer["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = true };
        Assert.Equal(expected, TokenizerFiles.Load(tokenizer).Encode("hello</s>hello", addSpecialTokens: false).Select(TokenizerFiles.Load(tokenizer).TokenText));
    }

    [Theory]
    [InlineData("always")]
    [InlineData("first")]
    public void Metaspace_marks_no_continuation(string scheme)
    {
        var tokenizer = TokenizerFiles.With(TokenizerFiles.ByteFallback(), "normalizer", null);
        tokenizer["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = true };
        var loaded = TokenizerFiles.Load(tokenizer);
        Assert.Equal(["h", "el", "lo", "▁hello"], loaded.EncodeContinuation("hello hello").Select(loaded.TokenText));
    }

    [Fact]
    public void A_prefix_space_of_a_byte_level_tokenizer_is_no_part_of_a_continuation()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        tokenizer["pre_tokenizer"]!["pretokenizers"]!.AsArray().RemoveAt(0);
        tokenizer["pre_tokenizer"]!["pretokenizers"]![0]!["add_prefix_space"] = true;
        var loaded = TokenizerFiles.Load(tokenizer);
        Assert.Equal(["Ġwor"], Tokens(loaded, "wor"));
        Assert.Equal(["w", "or"], loaded.EncodeContinuation("wor").Select(loaded.TokenText));
    }

    [Fact]
    public void A_normalizer_that_strips_leaves_the_start_of_a_continuation()
    {
        var loaded = TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), "normalizer", new JsonObject { ["type"] = "Strip" }));
        Assert.Equal("wor", loaded.Decode(loaded.Encode(" wor ")));
        Assert.Equal(" wor", loaded.Decode(loaded.EncodeContinuation(" wor ")));
    }

    [Fact]
    public void Added_tokens_honour_their_flags()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        var added = tokenizer["added_tokens"]!.AsArray();
        added.Add(With(TokenizerFiles.Added(500, "<strip>", special: false), "lstrip", "rstrip"));
        added.Add(With(TokenizerFiles.Added(501, "qz", special: false), "single_word"));
        added.Add(TokenizerFiles.Added(502, "<|eos|>x", special: false));
        var loaded = TokenizerFiles.Load(tokenizer);
        Assert.Equal(["a", "<strip>", "b"], Tokens(loaded, "a  <strip>\n b"));
        Assert.Equal(["qz", "-", "qz"], Tokens(loaded, "qz-qz"));
        Assert.DoesNotContain("qz", Tokens(loaded, "aqz qz1"));
        Assert.Equal(["<|eos|>x", "<|eos|>"], Tokens(loaded, "<|eos|>x<|eos|>"));
    }

    [Fact]
    public void A_special_token_with_a_mark_in_its_name_is_found_and_gives_its_name_back()
    {
        var tokenizer = TokenizerFiles.ByteFallback();
        tokenizer["added_tokens"]!.AsArray().Add(TokenizerFiles.Added(500, "▁<PRE>"));
        var loaded = TokenizerFiles.Load(tokenizer);
        var ids = loaded.Encode("▁<PRE> hello▁");
        Assert.Equal(["<s>", "▁<PRE>", "▁", "▁hello"], ids[..4].Select(loaded.TokenText));
        Assert.Equal("<s>▁<PRE> hello▁", loaded.Decode(ids, skipSpecialTokens: false));
        Assert.DoesNotContain(500, loaded.Encode("▁<PRE>", parseSpecialTokens: false));
    }

    [Fact]
    public void Normalized_added_tokens_are_found_in_normalized_text()
    {
        var tokenizer = TokenizerFiles.With(TokenizerFiles.ByteLevel(), "normalizer", new JsonObject { ["type"] = "Lowercase" });
        tokenizer["added_tokens"]!.AsArray().Add(With(TokenizerFiles.Added(500, "Qz", special: false), "normalized"));
        Assert.Equal(["Qz", "Qz"], Tokens(TokenizerFiles.Load(tokenizer), "qZQZ"));
    }

    [Fact]
    public void A_decoded_text_is_composed_when_the_folder_normalizes_so()
    {
        var tokenizer = TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), "normalizer", new JsonObject { ["type"] = "NFC" }));
        Assert.Equal("é", tokenizer.Decode(tokenizer.Encode("e\u0301")));
    }

    [Fact]
    public void Text_from_outside_reaches_no_special_token_but_still_the_others()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        tokenizer["added_tokens"]!.AsArray().Add(TokenizerFiles.Added(500, "<br>", special: false));
        var loaded = TokenizerFiles.Load(tokenizer);
        var ids = loaded.Encode("<br><|eos|>", parseSpecialTokens: false);
        Assert.Equal(500, ids[0]);
        Assert.DoesNotContain(1, ids);
    }

    [Fact]
    public void An_answer_reaches_tags_in_pairs_that_are_not_special_and_no_marker_of_a_turn()
    {
        using TokenizerFiles files = new();
        var tokenizer = TokenizerFiles.ByteLevel();
        var added = tokenizer["added_tokens"]!.AsArray();
        added.Add(TokenizerFiles.Added(500, "<think>", special: false));
        added.Add(TokenizerFiles.Added(501, "<end>", special: false));
        added.Add(TokenizerFiles.Added(502, "</think>", special: false));
        added.Add(TokenizerFiles.Added(503, "<turn>", special: false));
        var loaded = files
            .Write("tokenizer.json", tokenizer)
            .Write("tokenizer_config.json", """{"eos_token": "<end>", "chat_template": "<turn><think>{{ messages }}<end>"}""")
            .Load();
        var ids = loaded.EncodeAnswer("<think>hello</think><|eos|><end><turn>");
        Assert.Equal(["<think>", "hello", "</think>"], ids[..3].Select(loaded.TokenText));
        Assert.Equal("<think>hello</think><|eos|><end><turn>", loaded.Decode(ids));
        Assert.DoesNotContain(1, ids);
        Assert.DoesNotContain(501, ids);
        Assert.DoesNotContain(503, ids);
        Assert.DoesNotContain(500, loaded.EncodeContinuation("<think>", parseSpecialTokens: false));
        Assert.DoesNotContain(500, loaded.Encode("<think>", parseSpecialTokens: false));
    }

    [Fact]
    public void The_template_frames_the_text_and_can_be_left_out()
    {
        var tokenizer = TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), "post_processor", TokenizerFiles.Template(("<|bos|>", 0))));
        Assert.Equal(["<|bos|>", "hello"], Tokens(tokenizer, "hello"));
        Assert.Equal(1, tokenizer.CountTokens("hello", addSpecialTokens: false));
        Assert.Equal(2, tokenizer.CountTokens("hello"));
    }

    [Fact]
    public void A_vocabulary_with_holes_has_the_size_of_its_largest_id()
    {
        var tokenizer = TokenizerFiles.ByteLevel();
        tokenizer["model"]!["vocab"]!["zz"] = 999;
        var loaded = TokenizerFiles.Load(tokenizer);
        Assert.Equal(1000, loaded.VocabularySize);
        Assert.Null(loaded.TokenText(998));
        Assert.Equal("", loaded.Decode([998, 5000, -3]));
    }

    [Fact]
    public void The_model_serves_code_that_takes_any_tokenizer()
    {
        var loaded = TokenizerFiles.Load(TokenizerFiles.ByteLevel());
        var tokens = loaded.Model.EncodeToTokens("hello é world", out _);
        Assert.Equal(["hello", "Ġ", "Ã", "©", "Ġwor", "l", "d"], tokens.Select(token => token.Value));
        Assert.Equal([0..5, 5..6, 6..7, 6..7, 7..11, 11..12, 12..13], tokens.Select(token => token.Offset));
        Assert.Equal(loaded.Encode("hello é world"), loaded.Model.EncodeToIds("hello é world"));
        Assert.Equal(7, loaded.Model.GetIndexByTokenCount("hello é world", 4, out _, out var count));
        Assert.Equal(4, count);
        Assert.Equal("hello é world", loaded.Model.Decode(loaded.Encode("hello é world")));
    }

    public static TheoryData<string, string, string> Unsupported => new()
    {
        { "model.type", "\"Unigram\"", "Unigram" },
        { "normalizer", """{"type": "NFKC"}""", "NFKC" },
        { "normalizer", """{"type": "Precompiled", "precompiled_charsmap": ""}""", "Precompiled" },
        { "pre_tokenizer", """{"type": "BertPreTokenizer"}""", "BertPreTokenizer" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{Han}+"}, "behavior": "Isolated"}""", "Han" },
        { "decoder", """{"type": "WordPiece"}""", "WordPiece" },
        { "decoder", """{"type": "Strip", "content": " ", "start": 0, "stop": 1}""", "at the end" },
        { "post_processor", """{"type": "Magic"}""", "Magic" },
        { "model.dropout", "0.1", "dropout" },
        { "model.continuing_subword_prefix", "\"##\"", "continuing_subword_prefix" },
        { "model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_is_not_supported_is_refused_by_name(string path, string json, string named)
    {
        var error = Assert.Throws<NotSupportedException>(() => TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), path, JsonNode.Parse(json))));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Damaged => new()
    {
        { "model.vocab", "[]", "vocab" },
        { "model.vocab", "{}", "vocab" },
        { "model.vocab", """{"a": -1}""", "-1" },
        { "model.vocab", """{"a": 99999999}""", "99999999" },
        { "model.vocab", """{"a": 1.5}""", "1.5" },
        { "model.vocab", """{"a": "x"}""", "integer" },
        { "model.merges", "7", "merges" },
        { "model.merges", "[\"ab\"]", "merges[0]" },
        { "model.merges", "[\"a b c\"]", "a b c" },
        { "model.merges", "[[\"a\"]]", "pair" },
        { "model.merges", "[\"a zz\"]", "zz" },
        { "added_tokens", """[{"id": -4, "content": "x"}]""", "added_tokens[0]" },
        { "added_tokens", """[{"id": 4}]""", "content" },
        { "added_tokens", """{"id": 4}""", "added_tokens" },
        { "pre_tokenizer", "\"ByteLevel\"", "pre_tokenizer" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}""", "(" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated"}""", "at least one" },
        { "pre_tokenizer", """{"type": "Split", "pattern": {"String": "x"}, "behavior": "Sideways"}""", "Sideways" },
        { "post_processor", """{"type": "TemplateProcessing", "single": []}""", "Sequence" },
        { "model.byte_fallback", "\"yes\"", "true or false" },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void What_is_damaged_is_named_with_its_place(string path, string json, string named)
    {
        var error = Assert.Throws<InvalidDataException>(() => TokenizerFiles.Load(TokenizerFiles.With(TokenizerFiles.ByteLevel(), path, JsonNode.Parse(json))));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\0\0\0")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 1}, "merges": []}}""")]
    public void A_file_that_is_no_tokenizer_is_an_error(string content)
    {
        using TokenizerFiles files = new();
        files.Write("tokenizer.json", content);
        var error = Record.Exception(files.Load);
        Assert.True(error is InvalidDataException or NotSupportedException, $"{error}");
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_crash()
    {
        using TokenizerFiles files = new();
        Assert.Throws<InvalidDataException>(files.Write("tokenizer.json", string.Concat(Enumerable.Repeat("{\"a\":", 100_000))).Load);
    }

    private static IEnumerable<string?> Tokens(TextTokenizer tokenizer, string text) => tokenizer.Encode(text).Select(tokenizer.TokenText);

    private static JsonObject With(JsonObject added, params string[] flags)
    {
        foreach (var flag in flags)
        {
            added[flag] = true;
        }

        return added;
    }
}
