namespace DyLoraMoe.Core.Tokenization.Normalization;

/// <summary>Where a mark is put in front of text that does not begin with one.</summary>
internal enum PrefixScheme
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Only at the very start of the text.</summary>
    First,

    /// <summary>At the start and after every added token.</summary>
    Always,
}

/// <summary>How a pre-tokenizer marks spaces: with U+2581 for <c>Metaspace</c>, as they are for a byte-level prefix space.</summary>
/// <param name="Mark">What stands for a space.</param>
/// <param name="Prefix">Where a mark is put in front.</param>
internal sealed record SpaceMarker(char Mark, PrefixScheme Prefix)
{
    /// <summary>The mark of SentencePiece, "lower one eighth block".</summary>
    public const char LowerBlock = '\u2581';

    public string Apply(string text, StretchStart start)
    {
        var marked = Mark == ' ' ? text : text.Replace(' ', Mark);
        var prefix = start switch
        {
            StretchStart.Text => Prefix != PrefixScheme.Never,
            StretchStart.AddedToken => Prefix == PrefixScheme.Always,
            _ => false,
        };
        return prefix && marked.Length > 0 && marked[0] != Mark ? Mark + marked : marked;
    }
}
