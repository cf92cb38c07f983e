namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>White space and line breaks as Python sees them, so that trimming agrees with it.</summary>
internal static class PythonSpace
{
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    public static bool IsLineBreak(char character)
        => character is '\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029';

    /// <summary>Where a text begins once leading white space is off.</summary>
    public static int SkipSpace(string text, int start)
    {
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return start;
    }

    /// <summary>The length of a text once trailing white space is off.</summary>
    public static int TrimmedEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return end;
    }
}
