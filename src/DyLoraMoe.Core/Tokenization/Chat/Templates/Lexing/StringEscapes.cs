using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

/// <summary>What backslashes mean within quotes; one before anything else stays.</summary>
internal static class StringEscapes
{
    public static string Resolve(string quoted, int line)
    {
        if (!quoted.Contains('\\', StringComparison.Ordinal))
        {
            return quoted;
        }

        StringBuilder text = new(quoted.Length);
        for (var at = 0; at < quoted.Length; at++)
        {
            if (quoted[at] != '\\')
            {
                text.Append(quoted[at]);
                continue;
            }

            var kind = quoted[++at];
            if (Short(kind) is { } character)
            {
                text.Append(character);
            }
            else if (kind is 'x' or 'u' or 'U')
            {
                at = AppendHexadecimal(text, quoted, at, kind == 'x' ? 2 : kind == 'u' ? 4 : 8, line);
            }
            else if (kind is >= '0' and <= '7')
            {
                at = AppendOctal(text, quoted, at);
            }
            else if (kind == 'N')
            {
                throw UnsupportedTemplate.At(line, @"has the escape \N, which is not supported");
            }
            else if (kind != '\n')
            {
                text.Append('\\').Append(kind);
            }
        }

        return text.ToString();
    }

    private static char? Short(char kind) => kind switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        '\\' or '\'' or '"' => kind,
        _ => null,
    };

    private static int AppendHexadecimal(StringBuilder text, string quoted, int at, int digits, int line)
    {
        if (at + digits >= quoted.Length
            || !int.TryParse(quoted.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > 0x10FFFF)
        {
            throw UnsupportedTemplate.At(line, $@"has the escape '\{quoted[at]}', which needs {digits} hexadecimal digits of a character");
        }

        text.Append(value < 0x10000 ? ((char)value).ToString() : char.ConvertFromUtf32(value));
        return at + digits;
    }

    private static int AppendOctal(StringBuilder text, string quoted, int at)
    {
        var value = 0;
        var end = at;
        while (end < quoted.Length && end < at + 3 && quoted[end] is >= '0' and <= '7')
        {
            value = (value * 8) + quoted[end++] - '0';
        }

        text.Append((char)value);
        return end - 1;
    }
}
