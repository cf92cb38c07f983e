namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>Python counts characters in code points, strings here in UTF-16 units; this translates.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var pairs = 0;
        for (var at = 0; at + 1 < text.Length; at++)
        {
            if (char.IsSurrogatePair(text[at], text[at + 1]))
            {
                pairs++;
                at++;
            }
        }

        return text.Length - pairs;
    }

    /// <summary>Where each character begins, and where the last ends.</summary>
    public static int[] Starts(string text)
    {
        var starts = new int[Count(text) + 1];
        for (int at = 0, index = 0; at < text.Length; at += WidthAt(text, at))
        {
            starts[index++] = at;
        }

        starts[^1] = text.Length;
        return starts;
    }

    /// <summary>Units of the character at a place: two for a surrogate pair.</summary>
    public static int WidthAt(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;

    /// <summary>Compares by code points, not by units.</summary>
    public static int Compare(string left, string right)
    {
        var shared = left.AsSpan().CommonPrefixLength(right);
        if (shared == left.Length || shared == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (first, second) = (left[shared], right[shared]);
        return char.IsSurrogate(first) != char.IsSurrogate(second) ? char.IsSurrogate(first).CompareTo(char.IsSurrogate(second)) : first.CompareTo(second);
    }
}
