using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>GPT-2's printable characters for the 256 bytes.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Characters[value], value => (byte)value);

    /// <summary>The UTF-8 bytes of a text as characters, and which character of the text each comes from.</summary>
    public static string ToCharacters(ReadOnlySpan<char> text, List<int> sources)
    {
        StringBuilder characters = new(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            _ = Rune.DecodeFromUtf16(text[at..], out var rune, out var consumed);
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                characters.Append(Characters[value]);
                sources.Add(at);
            }

            at += consumed;
        }

        return characters.ToString();
    }

    /// <summary>Appends the bytes of a token; a character that stands for no byte counts as itself.</summary>
    public static void AppendBytes(string token, List<byte> bytes)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in token.EnumerateRunes())
        {
            if (rune.IsBmp && Bytes.TryGetValue((char)rune.Value, out var value))
            {
                bytes.Add(value);
            }
            else
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            }
        }
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        var substitute = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = isPrintable ? (char)value : substitute++;
        }

        return characters;
    }
}
