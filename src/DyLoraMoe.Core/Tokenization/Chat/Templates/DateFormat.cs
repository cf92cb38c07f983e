using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>Writes dates by the letters of C's <c>strftime</c>, in English.</summary>
internal static class DateFormat
{
    public static string Write(DateTimeOffset time, string format)
    {
        StringBuilder text = new();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            var isShort = format[++at] == '-' && at + 1 < format.Length;
            var part = Part(time, format[isShort ? ++at : at]);
            text.Append(isShort && part.TrimStart('0') is { Length: > 0 } digits ? digits : part);
        }

        return text.ToString();
    }

    private static string Part(DateTimeOffset time, char letter)
    {
        var pattern = letter switch
        {
            'd' => "dd",
            'b' or 'h' => "MMM",
            'B' => "MMMM",
            'm' => "MM",
            'Y' => "yyyy",
            'y' => "yy",
            'a' => "ddd",
            'A' => "dddd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'p' => "tt",
            'F' => "yyyy-MM-dd",
            'T' => "HH:mm:ss",
            'j' => null,
            '%' => null,
            _ => throw new TemplateError($"The date format '%{letter}' is not supported."),
        };
        return pattern is not null ? time.ToString(pattern, CultureInfo.InvariantCulture)
            : letter == 'j' ? time.DayOfYear.ToString("000", CultureInfo.InvariantCulture) : "%";
    }
}
