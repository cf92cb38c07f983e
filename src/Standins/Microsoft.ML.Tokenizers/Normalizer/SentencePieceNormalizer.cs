using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Marks spaces as SentencePiece does, and puts a mark in front of (or behind) the text.</summary>
public sealed class SentencePieceNormalizer : Normalizer
{
    internal const char Mark = '\u2581';

    /// <summary>Makes a normalizer.</summary>
    public SentencePieceNormalizer(bool removeExtraWhiteSpaces, bool addDummyPrefix, bool escapeWhiteSpaces, bool treatWhitespaceAsSuffix, IReadOnlyDictionary<string, int>? specialTokens)
    {
        RemoveExtraWhiteSpaces = removeExtraWhiteSpaces;
        AddDummyPrefix = addDummyPrefix;
        EscapeWhiteSpaces = escapeWhiteSpaces;
        TreatWhitespaceAsSuffix = treatWhitespaceAsSuffix;
        SpecialTokens = specialTokens;
    }

    /// <summary>Whether spaces at the ends go and runs of them become one.</summary>
    public bool RemoveExtraWhiteSpaces { get; }

    /// <summary>Whether a mark is put in front of the text.</summary>
    public bool AddDummyPrefix { get; }

    /// <summary>Whether spaces become U+2581.</summary>
    public bool EscapeWhiteSpaces { get; }

    /// <summary>Whether the mark goes behind the text instead.</summary>
    public bool TreatWhitespaceAsSuffix { get; private set; }

    /// <summary>Tokens in front of which no mark is put.</summary>
    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    /// <inheritdoc />
    public override string Normalize(string original) => string.IsNullOrEmpty(original) ? string.Empty : Normalize(original.AsSpan());

    /// <inheritdoc />
    public override string Normalize(ReadOnlySpan<char> original)
    {
        var text = RemoveExtraWhiteSpaces ? original.Trim(' ') : original;
        if (text.IsEmpty)
        {
            return string.Empty;
        }

        var space = EscapeWhiteSpaces ? Mark : ' ';
        StringBuilder result = new(text.Length + 1);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != ' ')
            {
                result.Append(text[i]);
            }
            else if (!RemoveExtraWhiteSpaces || text[i - 1] != ' ')
            {
                result.Append(space);
            }
        }

        if (AddDummyPrefix)
        {
            AddMark(result, space);
        }

        return result.ToString();
    }

    private void AddMark(StringBuilder result, char space)
    {
        var text = result.ToString();
        var (start, end) = (0, text.Length);
        if (TreatWhitespaceAsSuffix)
        {
            while (SpecialTokens?.Keys.FirstOrDefault(token => token.Length > 0 && text.AsSpan(0, end).EndsWith(token)) is { } token)
            {
                end -= token.Length;
            }

            if (end > 0)
            {
                result.Insert(end, space);
            }

            return;
        }

        while (SpecialTokens?.Keys.FirstOrDefault(token => token.Length > 0 && text.AsSpan(start).StartsWith(token)) is { } token)
        {
            start += token.Length;
        }

        if (start < text.Length)
        {
            result.Insert(start, space);
        }
    }
}
