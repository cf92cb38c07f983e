using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Filters of texts. Each character stays whose it was.</summary>
internal static class TextFilters
{
    public static Dictionary<string, FilterFunction> All { get; } = new()
    {
        ["trim"] = (value, arguments) => TextSplit.Strip(value.ToText(), arguments.Bind("chars")[0] is { } given and not NoneValue ? arguments.Text(given, "chars") : null),
        ["upper"] = (value, arguments) => Plain(arguments, CaseMapping.Upper(value.ToText())),
        ["lower"] = (value, arguments) => Plain(arguments, CaseMapping.Lower(value.ToText())),
        ["title"] = (value, arguments) => Plain(arguments, CaseMapping.WordTitle(value.ToText())),
        ["capitalize"] = (value, arguments) => Plain(arguments, CaseMapping.Capitalize(value.ToText())),
        ["string"] = (value, arguments) => Plain(arguments, value.ToText()),
        ["safe"] = (value, arguments) => Plain(arguments, value.ToText()),
        ["replace"] = Replace,
        ["indent"] = Indent,
        ["format"] = (value, arguments) => TextFormat.Percent(value.ToText(), new ListValue(arguments.Positional, isTuple: true)),
    };

    private static Value Plain(Arguments arguments, Value result)
    {
        arguments.Bind();
        return result;
    }

    private static TextValue Replace(Value value, Arguments arguments)
    {
        var given = arguments.Bind("old", "new", "count");
        return given is [{ } old, { } replacement, var count]
            ? TextSplit.Replace(value.ToText(), old.ToText(), replacement.ToText(), arguments.Integer(count, -1))
            : throw new TemplateError($"{arguments.Callee} needs 'old' and 'new'.");
    }

    private static TextValue Indent(Value value, Arguments arguments)
    {
        var given = arguments.Bind("width", "first", "blank");
        var indent = given[0] as TextValue ?? TextValue.Of(new string(' ', Math.Clamp(arguments.Integer(given[0], 4), 0, 1000)));
        var (first, blank) = (given[1]?.IsTrue == true, given[2]?.IsTrue == true);
        var lines = TextSplit.Lines((TextValue)Operators.Add(value.ToText(), TextValue.Of("\n")), keepEnds: false).Items().Cast<TextValue>().ToList();
        TextBuilder result = new();
        for (var i = 0; i < lines.Count; i++)
        {
            result.Append(i > 0 ? "\n" : string.Empty, TextOrigin.Template);
            result.Append(i == 0 ? first ? indent : TextValue.Empty : blank || lines[i].IsTrue ? indent : TextValue.Empty);
            result.Append(lines[i]);
        }

        return result.ToText();
    }
}
