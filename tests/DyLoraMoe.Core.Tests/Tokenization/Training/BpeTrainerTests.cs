using DyLoraMoe.Core.Tokenization.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Tokenization.Training;

public sealed class BpeTrainerTests
{
    private static readonly string[] Corpus = ["low low low low low", "lower lower newest newest newest", "newest newest newest widest widest widest"];

    [Fact]
    public void The_most_frequent_pairs_merge_first()
    {
        // es: 9; est: 9 (tie with st settled by ids); then lo and low: 7.
        var vocabulary = BpeTrainer.Train(Corpus, Options(4));
        Assert.Equal([("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")], vocabulary.Merges);
    }

    [Fact]
    public void Training_stops_at_the_size_or_when_pairs_get_rare()
    {
        Assert.Equal(259 + 3, BpeTrainer.Train(Corpus, Options(3)).Tokens.Count);
        var all = BpeTrainer.Train(Corpus, Options(10_000) with { MinimumFrequency = 6 });
        Assert.True(all.Tokens.Count < 300);
        Assert.Empty(BpeTrainer.Train([], Options(100)).Merges);
    }

    [Fact]
    public void Special_tokens_come_first_and_are_not_learnt_from()
    {
        var vocabulary = BpeTrainer.Train(Enumerable.Repeat("<|endoftext|>", 100), Options(50));
        Assert.Empty(vocabulary.Merges);
        Assert.Equal(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], vocabulary.Tokens.Take(3));
    }

    [Fact]
    public void What_is_saved_loads_and_gives_every_text_back()
    {
        using TokenizerFiles files = new();
        var text = File.ReadAllText(SharedFiles.Shared("data/tinyshakespeare.txt"))[..200_000];
        BpeTrainer.Train(text.Split("\n\n"), Options(400) with { ChatTemplate = "<|im_start|>" }).Save(files.Folder);
        var tokenizer = files.Load();
        Assert.Equal(659, tokenizer.VocabularySize);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.True(tokenizer.Encode(text).Length < text.Length * 0.55);
        Assert.Equal((0, 0), (tokenizer.EosId, tokenizer.PadId));
        Assert.Equal("é😀\0 \n", tokenizer.Decode(tokenizer.Encode("é😀\0 \n")));
        Assert.Equal("jinja", tokenizer.ChatTemplate.Name);
    }

    [Fact]
    public void The_same_corpus_gives_the_same_files()
    {
        using TokenizerFiles first = new();
        using TokenizerFiles second = new();
        BpeTrainer.Train(Corpus, Options(20)).Save(first.Folder);
        BpeTrainer.Train(Corpus.Reverse(), Options(20)).Save(second.Folder);
        Assert.Equal(File.ReadAllText(Path.Combine(first.Folder, "tokenizer.json")), File.ReadAllText(Path.Combine(second.Folder, "tokenizer.json")));
    }

    [Fact]
    public void A_beginning_is_added_when_asked_for()
    {
        using TokenizerFiles files = new();
        BpeTrainer.Train(Corpus, Options(5) with { BosToken = "<|im_start|>", AddBos = true }).Save(files.Folder);
        Assert.Equal(1, files.Load().Encode("x")[0]);
        Assert.Equal(1, files.Load().BosId);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Corpus, new BpeTrainerOptions { VocabularySize = 258 }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Corpus, new BpeTrainerOptions { SpecialTokens = ["a", "a"], EosToken = "a", PadToken = "a" }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Corpus, new BpeTrainerOptions { EosToken = "<none>" }));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train(Corpus, new BpeTrainerOptions { AddBos = true }));
    }

    private static BpeTrainerOptions Options(int merges) => new() { VocabularySize = 259 + merges };
}
