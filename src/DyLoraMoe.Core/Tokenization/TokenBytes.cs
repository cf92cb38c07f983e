using DyLoraMoe.Core.Tokenization.Normalization;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>The bytes that a sequence of ids stands for, id by id: what full and incremental decoding share.</summary>
internal sealed class TokenBytes(TokenTable tokens, bool skipSpecialTokens, PrefixScheme stripSpace, int stripCount, bool startOfText)
{
    private int _spacesToStrip = stripSpace == PrefixScheme.Never || !startOfText ? 0 : stripCount;

    /// <summary>The bytes of the next id.</summary>
    public ReadOnlySpan<byte> Next(int id)
    {
        var kind = tokens.Kind(id);
        var isAdded = kind is TokenKind.Added or TokenKind.Special;
        if (kind == TokenKind.None || (skipSpecialTokens && kind == TokenKind.Special))
        {
            _spacesToStrip = isAdded && stripSpace == PrefixScheme.Always ? stripCount : _spacesToStrip;
            return [];
        }

        ReadOnlySpan<byte> bytes = tokens.Bytes(id);
        if (isAdded)
        {
            _spacesToStrip = stripSpace == PrefixScheme.Always ? stripCount : 0;
            return bytes;
        }

        while (_spacesToStrip > 0 && !bytes.IsEmpty)
        {
            if (bytes[0] != (byte)' ')
            {
                _spacesToStrip = 0;
                break;
            }

            _spacesToStrip--;
            bytes = bytes[1..];
        }

        return bytes;
    }
}
