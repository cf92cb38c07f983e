using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers.Tests;

/// <summary>Small vocabularies and models, and GPT-2's from the shared folder.</summary>
internal static partial class Samples
{
    public static BpeTokenizer Words(Action<BpeOptions>? change = null)
    {
        string[] tokens = ["[unk]", "<s>", "</s>", "h", "e", "l", "o", "w", "r", "d", "he", "ll", "hell", "hello", "wo", "wor", "ld", "world"];
        BpeOptions options = new(tokens.Select((token, id) => KeyValuePair.Create(token, id)))
        {
            Merges = ["h e", "l l", "he ll", "hell o", "w o", "wo r", "l d", "wor ld"],
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
            UnknownToken = "[unk]",
        };
        change?.Invoke(options);
        return BpeTokenizer.Create(options);
    }

    public static BpeTokenizer Gpt2()
    {
        var special = new Dictionary<string, int> { ["<|endoftext|>"] = 50256 };
        return BpeTokenizer.Create(new BpeOptions(Shared("gpt2/vocab.json"), Shared("gpt2/merges.txt"))
        {
            ByteLevel = true,
            SpecialTokens = special,
            PreTokenizer = new RegexPreTokenizer(Gpt2Pattern(), special),
        });
    }

    public static Stream SentencePiece(bool byteFallback = true, bool dummyPrefix = true, bool removeExtra = false, string normalizer = "identity", int modelType = 2)
    {
        List<(string Text, float Score, int Kind)> pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3)];
        if (byteFallback)
        {
            pieces.AddRange(Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, 6)));
        }

        foreach (var piece in (string[])["▁h", "el", "lo", "hel", "▁hel", "▁hello", "▁▁", "▁▁▁▁", "▁", "h", "e", "l", "o", "日", "😀"])
        {
            pieces.Add((piece, -pieces.Count, 1));
        }

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
        Bytes(file, 2, trainer);
        List<byte> rules = [];
        Bytes(rules, 1, Encoding.UTF8.GetBytes(normalizer));
        Number(rules, 3, dummyPrefix ? 1 : 0);
        Number(rules, 4, removeExtra ? 1 : 0);
        Bytes(file, 3, rules);
        return new MemoryStream([.. file]);
    }

    public static string Shared(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "fixtures", relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"Tests need shared/fixtures/{relative} beside the repository.", relative);
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Gpt2Pattern();

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
