using System.Text;

namespace DyLoraMoe.Core.Tokenization;

/// <summary>What a token is to the decoder.</summary>
internal enum TokenKind : byte
{
    /// <summary>No token has this id.</summary>
    None,

    /// <summary>A piece of text.</summary>
    Plain,

    /// <summary>Added to the vocabulary whole, and kept when special tokens are skipped.</summary>
    Added,

    /// <summary>A control token.</summary>
    Special,
}

/// <summary>For every id: the token's text in the vocabulary, the bytes it decodes to, and its kind.</summary>
internal sealed class TokenTable
{
    private readonly List<string?> _texts = [];
    private readonly List<byte[]> _bytes = [];
    private readonly List<TokenKind> _kinds = [];

    /// <summary>One more than the largest id.</summary>
    public int Count => _texts.Count;

    public string? Text(int id) => (uint)id < (uint)_texts.Count ? _texts[id] : null;

    public byte[] Bytes(int id) => (uint)id < (uint)_bytes.Count ? _bytes[id] : [];

    public TokenKind Kind(int id) => (uint)id < (uint)_kinds.Count ? _kinds[id] : TokenKind.None;

    public void SetPlain(int id, string text, byte[] bytes) => Set(id, text, bytes, TokenKind.Plain);

    /// <summary>An added token decodes to its own text, or to <paramref name="bytes"/> where that is not its text.</summary>
    public void SetAdded(int id, string text, bool special, byte[]? bytes = null)
        => Set(id, text, bytes ?? Encoding.UTF8.GetBytes(text), special ? TokenKind.Special : TokenKind.Added);

    private void Set(int id, string text, byte[] bytes, TokenKind kind)
    {
        while (_texts.Count <= id)
        {
            _texts.Add(null);
            _bytes.Add([]);
            _kinds.Add(TokenKind.None);
        }

        _texts[id] = text;
        _bytes[id] = bytes;
        _kinds[id] = kind;
    }
}
