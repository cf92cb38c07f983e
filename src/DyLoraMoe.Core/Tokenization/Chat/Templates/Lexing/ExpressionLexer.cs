using System.Text.RegularExpressions;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

/// <summary>Reads what stands within a tag: names, numbers, quoted texts and signs.</summary>
internal static partial class ExpressionLexer
{
    private static readonly string[] Signs =
        ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    public static TemplateToken Read(string source, int at, int line, out int end)
    {
        if (char.IsAsciiDigit(source[at]))
        {
            return ReadNumber(source, at, line, out end);
        }

        if (source[at] is '\'' or '"')
        {
            return ReadQuoted(source, at, line, out end);
        }

        if (IsNamePart(source[at]))
        {
            for (end = at; end < source.Length && IsNamePart(source[end]); end++)
            {
            }

            return new TemplateToken(LexemeKind.Name, source[at..end], line);
        }

        var sign = Array.Find(Signs, sign => source.AsSpan(at).StartsWith(sign))
            ?? throw UnsupportedTemplate.At(line, $"has '{source[at]}', which begins nothing that is known");
        end = at + sign.Length;
        return new TemplateToken(LexemeKind.Sign, sign, line);
    }

    private static TemplateToken ReadNumber(string source, int at, int line, out int end)
    {
        // Behind a dot, digits are an index.
        var isIndex = at > 0 && source[at - 1] == '.';
        var match = (isIndex ? Digits() : Number()).Match(source, at);
        end = at + match.Length;
        if (end < source.Length && IsNamePart(source[end]))
        {
            throw UnsupportedTemplate.At(line, $"has '{source[at..(end + 1)]}', which is no decimal number");
        }

        var digits = match.Value.Replace("_", "", StringComparison.Ordinal);
        return new TemplateToken(digits.AsSpan().ContainsAny('.', 'e', 'E') ? LexemeKind.Fraction : LexemeKind.Whole, digits, line);
    }

    private static TemplateToken ReadQuoted(string source, int at, int line, out int end)
    {
        for (end = at + 1; end < source.Length && source[end] != source[at]; end++)
        {
            end += source[end] == '\\' ? 1 : 0;
        }

        if (end >= source.Length)
        {
            throw UnsupportedTemplate.At(line, "begins a quoted text that does not end");
        }

        end++;
        return new TemplateToken(LexemeKind.Quoted, StringEscapes.Resolve(source[(at + 1)..(end - 1)], line), line);
    }

    private static bool IsNamePart(char character) => char.IsLetterOrDigit(character) || character == '_';

    [GeneratedRegex(@"\G[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\G[0-9]+")]
    private static partial Regex Digits();
}
