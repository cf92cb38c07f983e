namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Python's two ways to fill in a text, without widths and precisions; what is filled in stays whose it was.</summary>
internal static class TextFormat
{
    /// <summary><c>'%s and %d' % (a, b)</c>.</summary>
    public static TextValue Percent(TextValue format, Value values)
    {
        var given = values is ListValue { IsTuple: true } ? values.Items() : [values];
        TextBuilder result = new();
        var (used, done) = (0, 0);
        for (var at = 0; at < format.Text.Length; at++)
        {
            if (format.Text[at] != '%')
            {
                continue;
            }

            result.Append(format, done, at);
            var kind = ++at < format.Text.Length ? format.Text[at] : '\0';
            if (kind == '%')
            {
                result.Append(format, at, at + 1);
            }
            else
            {
                var value = used < given.Count ? given[used++] : throw new TemplateError("A format has more places than values.");
                result.Append(kind switch
                {
                    's' => value.ToText(),
                    'd' or 'i' when Numbers.Real(value) is { } number => TextValue.Of(PythonText.Of(new IntegerValue((long)number))),
                    _ => throw new TemplateError($"The format '%{kind}' is not supported for {value.Kind}; %s, %d and %% are."),
                });
            }

            done = at + 1;
        }

        result.Append(format, done, format.Text.Length);
        return used == given.Count || values is DictionaryValue or ListValue { IsTuple: false } ? result.ToText() : throw new TemplateError("A format has fewer places than values.");
    }

    /// <summary><c>'{} and {name}'.format(a, name=b)</c>.</summary>
    public static TextValue Braces(TextValue format, Arguments arguments)
    {
        var text = format.Text;
        TextBuilder result = new();
        var next = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var doubled = at + 1 < text.Length && text[at + 1] == text[at];
            if (text[at] is not ('{' or '}') || doubled)
            {
                result.Append(format, at, at + 1);
                at += text[at] is '{' or '}' ? 1 : 0;
                continue;
            }

            var end = text.IndexOf('}', at);
            var field = text[at] == '{' && end > at ? text[(at + 1)..end] : throw new TemplateError("A format has a single brace; write it twice to mean itself.");
            result.Append(Value(field).ToText());
            at = end;
        }

        return result.ToText();

        Value Value(string field)
        {
            if (field.Length == 0 || int.TryParse(field, out _))
            {
                var index = field.Length == 0 ? next++ : int.Parse(field, System.Globalization.CultureInfo.InvariantCulture);
                return index >= 0 && index < arguments.Positional.Count ? arguments.Positional[index] : throw new TemplateError("A format has more places than values.");
            }

            return arguments.Named.FirstOrDefault(pair => pair.Key == field).Value ?? throw new TemplateError($"The format '{{{field}}}' is not supported or was given no value; places are named or numbered, without a width.");
        }
    }
}
