using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>How Python writes values: what <c>str</c> gives, and <c>repr</c> for what lies within a list.</summary>
internal static class PythonText
{
    public static string Of(Value value)
    {
        StringBuilder text = new();
        if (value is TextValue plain)
        {
            text.Append(plain.Text);
        }
        else
        {
            Write(text, value);
        }

        return text.ToString();
    }

    /// <summary>A value in a complaint.</summary>
    public static string Shortened(Value value)
    {
        var text = value is TextValue or IntegerValue ? $"'{Of(value)}'" : value.Kind;
        return text.Length > 60 ? text[..60] + "...'" : text;
    }

    private static void Write(StringBuilder text, Value value)
    {
        switch (value)
        {
            case NoneValue:
                text.Append("None");
                break;
            case BooleanValue:
                text.Append(value.IsTrue ? "True" : "False");
                break;
            case IntegerValue integer:
                text.Append(integer.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case FloatValue real:
                text.Append(Numbers.Text(real.Number));
                break;
            case UndefinedValue:
                text.Append("Undefined");
                break;
            case TextValue quoted:
                WriteQuoted(text, quoted.Text);
                break;
            case ListValue list:
                WriteAll(text, list.IsTuple ? "(" : "[", list.Items(), item => Write(text, item), list.IsTuple ? list.Length() == 1 ? ",)" : ")" : "]");
                break;
            case DictionaryValue dictionary:
                WriteAll(text, "{", dictionary.Entries, entry =>
                {
                    Write(text, entry.Key);
                    text.Append(": ");
                    Write(text, entry.Value);
                }, "}");
                break;
            default:
                throw new TemplateError($"{value.Kind} cannot be written as text.");
        }

        if (text.Length > TemplateLimits.Text)
        {
            throw TemplateError.TooLarge("A text", TemplateLimits.Text);
        }
    }

    private static void WriteAll<T>(StringBuilder text, string open, IEnumerable<T> items, Action<T> write, string close)
    {
        text.Append(open);
        var between = "";
        foreach (var item in items)
        {
            text.Append(between);
            write(item);
            between = ", ";
        }

        text.Append(close);
    }

    private static void WriteQuoted(StringBuilder text, string content)
    {
        var quote = content.Contains('\'', StringComparison.Ordinal) && !content.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var character in content)
        {
            _ = character switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\\' => text.Append("\\\\"),
                _ when character == quote => text.Append('\\').Append(quote),
                < ' ' or (>= '\u007F' and <= '\u00A0') or '\u00AD' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
                _ => text.Append(character),
            };
        }

        text.Append(quote);
    }
}
