namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>The methods of a text.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Func<TextValue, Arguments, Value>> Methods = new()
    {
        ["strip"] = (text, arguments) => TextSplit.Strip(text, Characters(arguments)),
        ["lstrip"] = (text, arguments) => TextSplit.Strip(text, Characters(arguments), atEnd: false),
        ["rstrip"] = (text, arguments) => TextSplit.Strip(text, Characters(arguments), atStart: false),
        ["split"] = (text, arguments) => Split(TextSplit.Split, text, arguments),
        ["rsplit"] = (text, arguments) => Split(TextSplit.SplitFromEnd, text, arguments),
        ["splitlines"] = (text, arguments) => TextSplit.Lines(text, arguments.Bind("keepends")[0]?.IsTrue == true),
        ["replace"] = Replace,
        ["join"] = (text, arguments) => TextSplit.Join(text, arguments.One("iterable").Items()),
        ["startswith"] = (text, arguments) => Affix(arguments, text.Text.StartsWith),
        ["endswith"] = (text, arguments) => Affix(arguments, text.Text.EndsWith),
        ["removeprefix"] = (text, arguments) => arguments.Text(arguments.One("prefix"), "prefix").Text is { } prefix && text.Text.StartsWith(prefix, StringComparison.Ordinal) ? text.Cut(prefix.Length, text.Text.Length) : text,
        ["removesuffix"] = (text, arguments) => arguments.Text(arguments.One("suffix"), "suffix").Text is { } suffix && text.Text.EndsWith(suffix, StringComparison.Ordinal) ? text.Cut(0, text.Text.Length - suffix.Length) : text,
        ["upper"] = (text, arguments) => NoneOf(arguments, CaseMapping.Upper(text)),
        ["lower"] = (text, arguments) => NoneOf(arguments, CaseMapping.Lower(text)),
        ["title"] = (text, arguments) => NoneOf(arguments, CaseMapping.Title(text)),
        ["capitalize"] = (text, arguments) => NoneOf(arguments, CaseMapping.Capitalize(text)),
        ["find"] = (text, arguments) => Place(text, text.Text.IndexOf(Sought(arguments), StringComparison.Ordinal)),
        ["rfind"] = (text, arguments) => Place(text, text.Text.LastIndexOf(Sought(arguments), StringComparison.Ordinal)),
        ["index"] = (text, arguments) => text.Text.IndexOf(Sought(arguments), StringComparison.Ordinal) is >= 0 and var at ? Place(text, at) : throw new TemplateError("index did not find the text."),
        ["count"] = (text, arguments) => new IntegerValue(Count(text.Text, Sought(arguments))),
        ["format"] = TextFormat.Braces,
        ["isdigit"] = (text, arguments) => NoneOf(arguments, All(text, char.IsDigit)),
        ["isalpha"] = (text, arguments) => NoneOf(arguments, All(text, char.IsLetter)),
        ["isalnum"] = (text, arguments) => NoneOf(arguments, All(text, char.IsLetterOrDigit)),
        ["isspace"] = (text, arguments) => NoneOf(arguments, All(text, PythonSpace.IsSpace)),
    };

    public static IEnumerable<string> Names => Methods.Keys;

    public static Func<TextValue, Arguments, Value>? Find(string name) => Methods.GetValueOrDefault(name);

    private static TextValue? Characters(Arguments arguments) => arguments.Bind("chars")[0] is { } given and not NoneValue ? arguments.Text(given, "chars") : null;

    private static ListValue Split(Func<TextValue, TextValue?, int, ListValue> split, TextValue text, Arguments arguments)
    {
        var given = arguments.Bind("sep", "maxsplit");
        return split(text, given[0] is null or NoneValue ? null : arguments.Text(given[0], "sep"), arguments.Integer(given[1], -1));
    }

    private static TextValue Replace(TextValue text, Arguments arguments)
    {
        var given = arguments.Bind("old", "new", "count");
        return TextSplit.Replace(text, arguments.Text(given[0], "old"), arguments.Text(given[1], "new"), arguments.Integer(given[2], -1));
    }

    private static BooleanValue Affix(Arguments arguments, Func<string, StringComparison, bool> matches)
    {
        var sought = arguments.One("affix");
        return BooleanValue.Of((sought is ListValue { IsTuple: true } ? sought.Items() : [sought]).Any(each => matches(arguments.Text(each, "affix").Text, StringComparison.Ordinal)));
    }

    private static string Sought(Arguments arguments) => arguments.Text(arguments.One("sub"), "sub").Text;

    private static IntegerValue Place(TextValue text, int at) => new(at < 0 ? -1 : CodePoints.Count(text.Text[..at]));

    private static int Count(string text, string sought)
        => sought.Length == 0 ? CodePoints.Count(text) + 1 : (text.Length - text.Replace(sought, "", StringComparison.Ordinal).Length) / sought.Length;

    private static BooleanValue All(TextValue text, Func<char, bool> check) => BooleanValue.Of(text.IsTrue && text.Text.All(check));

    private static Value NoneOf(Arguments arguments, Value result)
    {
        arguments.Bind();
        return result;
    }
}
