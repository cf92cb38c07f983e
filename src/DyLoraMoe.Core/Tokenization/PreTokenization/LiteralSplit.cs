namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>Splits at every occurrence of a string.</summary>
internal sealed class LiteralSplit(string literal, SplitBehavior behavior, bool invert) : ISplitRule
{
    public void Split(ReadOnlySpan<char> text, int origin, List<(int Offset, int Length)> parts)
    {
        PartBuilder builder = new(behavior, invert, origin, parts);
        var at = 0;
        while (text[at..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var next)
        {
            builder.Match(at + next, literal.Length);
            at += next + literal.Length;
        }

        builder.Finish(text.Length);
    }
}
