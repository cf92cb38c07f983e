namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>GPT-2's printable stand-ins for the 256 bytes: printable Latin-1 stands for itself, the rest for U+0100 and up.</summary>
internal static class ByteAlphabet
{
    private const int LastCharacter = 0x143;

    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ToByte(char character) => character <= LastCharacter ? Bytes[character] : -1;

    /// <summary>The bytes of a token, or null when it holds a character that stands for none.</summary>
    public static byte[]? ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = ToByte(token[i]);
            if (value < 0)
            {
                return null;
            }

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        var substitute = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : substitute++;
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[LastCharacter + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
