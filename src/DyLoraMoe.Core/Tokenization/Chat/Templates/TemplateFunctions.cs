using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates;

/// <summary>Functions that every template can call.</summary>
internal static class TemplateFunctions
{
    // What Llama's templates fall back to when nobody gives a date; a fixed one keeps prompts reproducible.
    private static readonly DateTimeOffset UsualDay = new(2024, 7, 26, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, FunctionValue> Functions = ((FunctionValue[])
    [
        new("range", Range),
        new("namespace", Namespace),
        new("dict", (arguments, _) => new DictionaryValue(Entries(arguments))),
        new("raise_exception", (arguments, _) => throw TemplateError.Raised(arguments.One("message").ToText().Text)),
        new("strftime_now", (arguments, scope) => TextValue.Of(DateFormat.Write(scope.Run.Clock?.GetLocalNow() ?? UsualDay, arguments.Text(arguments.One("format"), "format").Text))),
    ]).ToDictionary(function => function.Name);

    public static void AddTo(Scope scope)
    {
        foreach (var (name, function) in Functions)
        {
            scope.Set(name, function);
        }
    }

    private static ListValue Range(Arguments arguments, Scope scope)
    {
        var given = arguments.Bind("start", "stop", "step");
        var bounds = given.OfType<Value>().Select(value => Numbers.Whole(value) ?? throw new TemplateError($"range was given {value.Kind}; it takes whole numbers.")).ToList();
        var (start, stop, step) = bounds switch
        {
            [var only] => (0, only, 1),
            [var first, var end] => (first, end, 1),
            [var first, var end, not 0 and var stride] => (first, end, stride),
            _ => throw new TemplateError("range takes one to three whole numbers, and no step of zero."),
        };
        var count = step > 0 == stop > start && stop != start ? (((Int128)stop - start) / step) + (((Int128)stop - start) % step != 0 ? 1 : 0) : 0;
        return count <= TemplateLimits.Range
            ? new ListValue([.. Enumerable.Range(0, (int)count).Select(index => new IntegerValue(start + (index * step)))])
            : throw TemplateError.TooLarge("A range", TemplateLimits.Range);
    }

    private static NamespaceValue Namespace(Arguments arguments, Scope scope)
    {
        NamespaceValue result = new();
        foreach (var (name, value) in Entries(arguments))
        {
            result.Set(name.ToText().Text, value);
        }

        return result;
    }

    private static IEnumerable<KeyValuePair<Value, Value>> Entries(Arguments arguments)
    {
        var given = arguments.Positional.Select(value => value as DictionaryValue ?? throw new TemplateError($"{arguments.Callee} was given {value.Kind}; it takes a dictionary or names."));
        return given.SelectMany(dictionary => dictionary.Entries).Concat(arguments.Named.Select(pair => KeyValuePair.Create<Value, Value>(TextValue.Of(pair.Key), pair.Value)));
    }
}
