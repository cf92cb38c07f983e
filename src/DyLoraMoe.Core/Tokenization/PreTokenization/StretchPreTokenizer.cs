using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>One rule that cuts a stretch of text into shorter ones.</summary>
internal interface ISplitRule
{
    /// <summary>Appends the parts of <paramref name="text"/>, each as an offset from <paramref name="origin"/> and a length.</summary>
    void Split(ReadOnlySpan<char> text, int origin, List<(int Offset, int Length)> parts);
}

/// <summary>Rules one after the other: each cuts what the one before it left.</summary>
internal sealed class StretchPreTokenizer(IReadOnlyList<ISplitRule> rules) : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        List<(int Offset, int Length)> parts = [];
        if (text.Length > 0)
        {
            parts.Add((0, text.Length));
        }

        foreach (var rule in rules)
        {
            List<(int Offset, int Length)> finer = new(parts.Count * 2);
            foreach (var (offset, length) in parts)
            {
                rule.Split(text.Slice(offset, length), offset, finer);
            }

            parts = finer;
        }

        return parts;
    }
}
