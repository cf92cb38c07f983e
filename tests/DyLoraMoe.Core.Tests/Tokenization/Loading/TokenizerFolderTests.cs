using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.Loading;

public sealed class TokenizerFolderTests
{
    [Fact]
    public void An_empty_folder_says_what_it_needs()
    {
        using TokenizerFiles files = new();
        var error = Assert.Throws<FileNotFoundException>(files.Load);
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TextTokenizer.LoadFile(Path.Combine(files.Folder, "none.json")));
    }

    [Fact]
    public void A_vocabulary_without_merges_says_so()
    {
        using TokenizerFiles files = new();
        var error = Assert.Throws<FileNotFoundException>(files.Write("vocab.json", """{"a": 0}""").Load);
        Assert.Contains("merges.txt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Roles_come_from_the_config_as_text_or_as_object()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.json", TokenizerFiles.ByteLevel())
            .Write("tokenizer_config.json", """{"bos_token": {"content": "<|bos|>", "special": true}, "eos_token": "<|eos|>", "pad_token": null}""").Load();
        Assert.Equal((0, 1), (tokenizer.BosId, tokenizer.EosId));
        Assert.Null(tokenizer.PadId);
    }

    [Fact]
    public void The_special_tokens_map_fills_in_what_the_config_leaves_out()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.json", TokenizerFiles.ByteLevel())
            .Write("tokenizer_config.json", """{"bos_token": "<|bos|>"}""")
            .Write("special_tokens_map.json", """{"bos_token": "<|eos|>", "eos_token": "<|eos|>", "pad_token": {"content": "<|eos|>"}}""").Load();
        Assert.Equal((0, 1, 1), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
    }

    [Fact]
    public void Generation_ends_at_every_id_that_any_file_names()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.json", TokenizerFiles.ByteLevel())
            .Write("tokenizer_config.json", """{"eos_token": "<|eos|>"}""")
            .Write("generation_config.json", """{"eos_token_id": [5, 1], "pad_token_id": 7}""")
            .Write("config.json", """{"eos_token_id": 9, "bos_token_id": 0}""").Load();
        Assert.Equal([1, 5], tokenizer.EosIds);
        Assert.Equal((0, 7), (tokenizer.BosId, tokenizer.PadId));
    }

    [Fact]
    public void Added_tokens_of_the_config_join_those_of_the_file()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.json", TokenizerFiles.ByteLevel())
            .Write("tokenizer_config.json", """{"added_tokens_decoder": {"600": {"content": "<|tool|>", "special": true}}}""").Load();
        Assert.Equal([600], tokenizer.Encode("<|tool|>"));
        Assert.Equal(600, tokenizer.SpecialTokens["<|tool|>"]);
    }

    [Fact]
    public void Llama_classes_follow_their_flags_about_the_beginning_and_the_end()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.json", TokenizerFiles.ByteFallback())
            .Write("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": false, "add_eos_token": true}""").Load();
        Assert.Equal(["▁hello", "</s>"], tokenizer.Encode("hello").Select(tokenizer.TokenText));
    }

    [Fact]
    public void Qwen_files_without_tokenizer_json_use_its_pattern_and_normalizer()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("vocab.json", TokenizerFiles.ByteLevel()["model"]!["vocab"]!)
            .Write("merges.txt", "#version: 0.2\n1 2\nh e\n")
            .Write("tokenizer_config.json", """{"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|eos|>"}""").Load();
        Assert.Equal(["he", "1", "2"], tokenizer.Encode("he12").Select(tokenizer.TokenText));
        Assert.Equal("é", tokenizer.Decode(tokenizer.Encode("e\u0301")));
        Assert.Equal([1], tokenizer.Encode("<|eos|>"));
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "a"}}}""")]
    [InlineData("tokenizer_config.json", """{"add_bos_token": "maybe"}""")]
    [InlineData("tokenizer_config.json", """{"bos_token": 5}""")]
    [InlineData("added_tokens.json", """{"a": -1}""")]
    [InlineData("generation_config.json", """{"eos_token_id": "x"}""")]
    [InlineData("special_tokens_map.json", "nonsense")]
    public void A_damaged_file_beside_the_vocabulary_is_named(string name, string content)
    {
        using TokenizerFiles files = new();
        var error = Assert.Throws<InvalidDataException>(files.Write("tokenizer.json", TokenizerFiles.ByteLevel()).Write(name, content).Load);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b c")]
    [InlineData("ab")]
    [InlineData(" a")]
    [InlineData("a zz")]
    public void A_damaged_merge_is_named_with_its_line(string merge)
    {
        using TokenizerFiles files = new();
        var error = Assert.Throws<InvalidDataException>(files.Write("vocab.json", """{"a": 0, "b": 1, "ab": 2}""").Write("merges.txt", $"#version: 0.2\na b\n{merge}\n").Load);
        Assert.Contains("line 3", error.Message, StringComparison.Ordinal);
    }
}
