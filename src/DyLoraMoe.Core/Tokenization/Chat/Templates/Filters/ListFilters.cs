using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Filters of lists, and of whatever has items.</summary>
internal static class ListFilters
{
    public static Dictionary<string, FilterFunction> All { get; } = new()
    {
        ["length"] = Length,
        ["count"] = Length,
        ["first"] = (value, _) => value.Items() is [var first, ..] ? first : new UndefinedValue("There is no first item"),
        ["last"] = (value, _) => value.Items() is [.., var last] ? last : new UndefinedValue("There is no last item"),
        ["list"] = (value, _) => new ListValue(value.Items()),
        ["join"] = Join,
        ["items"] = (value, _) => new StreamValue(() => value switch
        {
            UndefinedValue => [],
            DictionaryValue dictionary => DictionaryMethods.Pairs(dictionary).Items(),
            _ => throw new TemplateError($"Only a dictionary has keys and values; found {value.Kind}."),
        }),
        ["default"] = Default,
        ["d"] = Default,
    };

    private static IntegerValue Length(Value value, Arguments arguments)
    {
        arguments.Bind();
        return new IntegerValue(value.Length());
    }

    private static TextValue Join(Value value, Arguments arguments)
    {
        var given = arguments.Bind("d", "attribute");
        var items = value.Items();
        return TextSplit.Join(given[0]?.ToText() ?? TextValue.Empty, given[1] is { } path ? items.Select(item => AttributePath.Of(item, path)) : items);
    }

    private static Value Default(Value value, Arguments arguments)
    {
        var given = arguments.Bind("default_value", "boolean");
        return value is UndefinedValue || (given[1]?.IsTrue == true && !value.IsTrue) ? given[0] ?? TextValue.Empty : value;
    }
}
