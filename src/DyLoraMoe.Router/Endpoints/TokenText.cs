using System.Text;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>The text of single tokens.</summary>
internal static class TokenText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A token's own text; one that is a part of a character as OpenAI writes it, <c>bytes:\xe2\x82</c>, so that no two look alike.</summary>
    public static string Of(TextTokenizer tokenizer, int id)
    {
        var bytes = tokenizer.BytesOf(id);
        try
        {
            return _strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return "bytes:" + string.Concat(bytes.Select(value => $"\\x{value:x2}"));
        }
    }
}
