using System.Text;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Core.Tests.Tokenization.Loading;

public sealed class SentencePieceTests
{
    [Fact]
    public void Pieces_merge_by_score_and_unknown_characters_fall_back_to_bytes()
    {
        var tokenizer = Load(Small());
        Assert.Equal(["<s>", "▁hello", "▁", "<0xE2>", "<0x98>", "<0x83>"], Tokens(tokenizer, "hello ☃"));
    }

    [Fact]
    public void Roles_come_from_the_model_itself()
    {
        var tokenizer = Load(Small());
        Assert.Equal((1, 2, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.UnknownId));
        Assert.Null(tokenizer.PadId);
    }

    [Fact]
    public void The_config_decides_about_the_beginning_and_the_end()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.model", Small()).Write("tokenizer_config.json", """{"add_bos_token": false, "add_eos_token": true}""").Load();
        Assert.Equal(["▁hello", "</s>"], Tokens(tokenizer, "hello"));
    }

    [Fact]
    public void Without_legacy_the_mark_goes_in_front_of_the_text_only()
    {
        using TokenizerFiles files = new();
        var tokenizer = files.Write("tokenizer.model", Small()).Write("tokenizer_config.json", """{"legacy": false}""").Load();
        Assert.Equal(["<s>", "▁hello", "</s>", "hel", "lo"], Tokens(tokenizer, "hello</s>hello"));
    }

    [Fact]
    public void Equal_scores_merge_leftmost_first()
    {
        var tokenizer = Load(Model([("<unk>", 0, 2), ("a", -9, 1), ("b", -9, 1), ("ab", -1, 1), ("ba", -1, 1)], dummyPrefix: false, byteFallback: false));
        Assert.Equal(["ab", "a"], Tokens(tokenizer, "aba"));
        Assert.Equal(["ba", "b"], Tokens(tokenizer, "bab"));
    }

    [Fact]
    public void A_model_that_is_not_byte_pair_is_refused()
    {
        var error = Assert.Throws<NotSupportedException>(() => Load(Model([("a", 0, 1)], modelType: 1)));
        Assert.Contains("BPE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_normalizes_is_refused_by_its_rule()
    {
        var error = Assert.Throws<NotSupportedException>(() => Load(Model([("a", 0, 1)], charsmap: [1, 2, 3])));
        Assert.Contains("nmt_nfkc", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_model_that_is_cut_off_is_an_error(int cut)
        => Assert.Throws<InvalidDataException>(() => Load(Small()[..^cut]));

    [Fact]
    public void A_field_that_claims_more_than_the_file_is_an_error()
        => Assert.Throws<InvalidDataException>(() => Load([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]));

    internal static TextTokenizer Load(byte[] model)
    {
        using TokenizerFiles files = new();
        return files.Write("tokenizer.model", model).Load();
    }

    internal static byte[] Small()
    {
        List<(string Text, float Score, int Kind)> pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)];
        pieces.AddRange(Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, 6)));
        foreach (var piece in (string[])["▁h", "el", "lo", "hel", "▁hel", "▁hello", "▁▁", "▁▁▁▁", "▁", "h", "e", "l", "o", "日", "😀"])
        {
            pieces.Add((piece, 259 - pieces.Count, 1));
        }

        return Model(pieces);
    }

    internal static byte[] Model(IEnumerable<(string Text, float Score, int Kind)> pieces, bool dummyPrefix = true, bool byteFallback = true, int modelType = 2, byte[]? charsmap = null)
    {
        List<byte> file = [];
        foreach (var (text, score, kind) in pieces)
        {
            List<byte> piece = [];
            Bytes(piece, 1, Encoding.UTF8.GetBytes(text));
            piece.Add((2 << 3) | 5);
            piece.AddRange(BitConverter.GetBytes(score));
            Number(piece, 3, kind);
            Bytes(file, 1, piece);
        }

        List<byte> trainer = [];
        Number(trainer, 3, modelType);
        Number(trainer, 35, byteFallback ? 1 : 0);
        Number(trainer, 40, 0);
        Number(trainer, 41, byteFallback ? 1 : -1);
        Number(trainer, 42, byteFallback ? 2 : -1);
        Number(trainer, 43, -1);
        Bytes(file, 2, trainer);
        List<byte> normalizer = [];
        Bytes(normalizer, 1, Encoding.UTF8.GetBytes(charsmap is null ? "identity" : "nmt_nfkc"));
        if (charsmap is not null)
        {
            Bytes(normalizer, 2, charsmap);
        }

        Number(normalizer, 3, dummyPrefix ? 1 : 0);
        Number(normalizer, 4, 0);
        Bytes(file, 3, normalizer);
        return [.. file];
    }

    private static IEnumerable<string?> Tokens(TextTokenizer tokenizer, string text) => tokenizer.Encode(text).Select(tokenizer.TokenText);

    private static void Number(List<byte> message, int field, long value)
    {
        Varint(message, (ulong)(field << 3));
        Varint(message, (ulong)value);
    }

    private static void Bytes(List<byte> message, int field, IReadOnlyCollection<byte> value)
    {
        Varint(message, (ulong)((field << 3) | 2));
        Varint(message, (ulong)value.Count);
        message.AddRange(value);
    }

    private static void Varint(List<byte> message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            message.Add((byte)(value | 0x80));
        }

        message.Add((byte)value);
    }
}
