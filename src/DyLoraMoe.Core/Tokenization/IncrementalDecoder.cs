using System.Text;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>
/// Decodes ids one by one as a model makes them. A character whose bytes are spread over several tokens comes out
/// whole with the last of them. All that comes out, put together, is what decoding all ids at once gives.
/// </summary>
public sealed class IncrementalDecoder
{
    private readonly TokenBytes _bytes;
    private readonly Decoder _decoder = new UTF8Encoding(false, false).GetDecoder();

    internal IncrementalDecoder(TokenBytes bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Takes the next id.</summary>
    /// <param name="id">A token id; an id without a token adds nothing.</param>
    /// <returns>The text that is complete now and was not before; often empty.</returns>
    public string Push(int id) => Convert(_bytes.Next(id), flush: false);

    /// <summary>Ends the sequence.</summary>
    /// <returns>U+FFFD for bytes that never became a character, otherwise nothing.</returns>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (bytes.IsEmpty && !flush)
        {
            return string.Empty;
        }

        Span<char> characters = bytes.Length < 256 ? stackalloc char[bytes.Length + 8] : new char[bytes.Length + 8];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }
}
