using System.Globalization;
using System.Text;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Values as JSON the way transformers writes them: no escapes for HTML, letters of all scripts as they are.</summary>
internal sealed class JsonFilter
{
    private readonly StringBuilder _text = new();
    private readonly string? _indent;
    private readonly string _between;
    private readonly string _behindKey;
    private readonly bool _isAscii;
    private readonly bool _isSorted;

    private JsonFilter(Arguments arguments)
    {
        var given = arguments.Bind("ensure_ascii", "indent", "separators", "sort_keys");
        _isAscii = given[0]?.IsTrue == true;
        _indent = given[1] switch
        {
            null or NoneValue => null,
            TextValue text => text.Text,
            var width => new string(' ', Math.Clamp(arguments.Integer(width, 0), 0, 100)),
        };
        (_between, _behindKey) = given[2]?.Items() is [TextValue between, TextValue behindKey] ? (between.Text, behindKey.Text) : (_indent is null ? ", " : ",", ": ");
        _isSorted = given[3]?.IsTrue == true;
    }

    public static Value Apply(Value value, Arguments arguments)
    {
        JsonFilter json = new(arguments);
        json.Write(value, 0);
        return TextValue.Of(json._text.ToString(), value.HoldsOutside ? TextOrigin.Outside : TextOrigin.Template);
    }

    private void Write(Value value, int depth)
    {
        switch (value)
        {
            case TextValue text:
                WriteQuoted(text.Text);
                break;
            case NoneValue:
                _text.Append("null");
                break;
            case BooleanValue:
                _text.Append(value.IsTrue ? "true" : "false");
                break;
            case IntegerValue or FloatValue:
                _text.Append(NumberText(value));
                break;
            case ListValue list:
                WriteAll('[', list.Items(), item => Write(item, depth + 1), ']', depth);
                break;
            case DictionaryValue dictionary:
                WriteAll('{', _isSorted ? [.. dictionary.Entries.OrderBy(entry => entry.Key.ToText().Text, StringComparer.Ordinal)] : dictionary.Entries, entry => WriteEntry(entry, depth), '}', depth);
                break;
            default:
                throw new TemplateError($"{value.Kind} cannot be written as JSON.");
        }

        if (_text.Length > TemplateLimits.Text)
        {
            throw TemplateError.TooLarge("A text", TemplateLimits.Text);
        }
    }

    private void WriteEntry(KeyValuePair<Value, Value> entry, int depth)
    {
        WriteQuoted(entry.Key switch
        {
            TextValue text => text.Text,
            NoneValue => "null",
            BooleanValue => entry.Key.IsTrue ? "true" : "false",
            IntegerValue or FloatValue => NumberText(entry.Key),
            _ => throw new TemplateError($"{entry.Key.Kind} cannot be a key in JSON."),
        });
        _text.Append(_behindKey);
        Write(entry.Value, depth + 1);
    }

    private void WriteAll<T>(char open, IReadOnlyCollection<T> items, Action<T> write, char close, int depth)
    {
        _text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            _text.Append(isFirst ? "" : _between);
            isFirst = false;
            BreakLine(depth + 1);
            write(item);
        }

        if (!isFirst)
        {
            BreakLine(depth);
        }

        _text.Append(close);
    }

    private void BreakLine(int depth)
    {
        if (_indent is not null)
        {
            _text.Append('\n').AppendJoin(_indent, Enumerable.Repeat("", depth + 1));
        }
    }

    private static string NumberText(Value number) => number is FloatValue real
        ? double.IsNaN(real.Number) ? "NaN" : double.IsInfinity(real.Number) ? real.Number > 0 ? "Infinity" : "-Infinity" : Numbers.Text(real.Number)
        : PythonText.Of(number);

    private void WriteQuoted(string content)
    {
        _text.Append('"');
        foreach (var character in content)
        {
            _ = character switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                < ' ' => Escape(character),
                > '~' when _isAscii => Escape(character),
                _ => _text.Append(character),
            };
        }

        _text.Append('"');
    }

    private StringBuilder Escape(char character) => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
}
