using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Filters that put items in order or take one of them. Texts compare without regard to case unless asked otherwise.</summary>
internal static class OrderFilters
{
    private static readonly Comparer<Value> Order = Comparer<Value>.Create(Comparison.Compare);

    public static Dictionary<string, FilterFunction> All { get; } = new()
    {
        ["sort"] = Sort,
        ["dictsort"] = SortDictionary,
        ["unique"] = Unique,
        ["reverse"] = (value, _) => value is TextValue text ? Slicing.Slice(text, null, null, -1) : new StreamValue(() => value.Items().Reverse()),
        ["min"] = (value, arguments) => Extreme(value, arguments, -1),
        ["max"] = (value, arguments) => Extreme(value, arguments, 1),
    };

    private static ListValue Sort(Value value, Arguments arguments)
    {
        var given = arguments.Bind("reverse", "case_sensitive", "attribute");
        return new ListValue(Ordered(value.Items(), item => Key(item, given[1], given[2]), given[0]?.IsTrue == true));
    }

    private static ListValue SortDictionary(Value value, Arguments arguments)
    {
        var given = arguments.Bind("case_sensitive", "by", "reverse");
        var at = given[1] is TextValue { Text: "value" } ? 1 : 0;
        var pairs = value is DictionaryValue dictionary ? DictionaryMethods.Pairs(dictionary) : throw new TemplateError($"dictsort needs a dictionary; found {value.Kind}.");
        return new ListValue(Ordered(pairs.Items(), pair => Key(pair.Items()[at], given[0], null), given[2]?.IsTrue == true));
    }

    private static StreamValue Unique(Value value, Arguments arguments)
    {
        var given = arguments.Bind("case_sensitive", "attribute");
        return new StreamValue(() => value.Items().DistinctBy(item => Key(item, given[0], given[1]), ValueComparer.Instance));
    }

    private static Value Extreme(Value value, Arguments arguments, int sign)
    {
        var given = arguments.Bind("case_sensitive", "attribute");
        Value? best = null;
        foreach (var item in value.Items())
        {
            best = best is null || Math.Sign(Comparison.Compare(Key(item, given[0], given[1]), Key(best, given[0], given[1]))) == sign ? item : best;
        }

        return best ?? new UndefinedValue("There is no item to choose");
    }

    private static List<Value> Ordered(IEnumerable<Value> items, Func<Value, Value> key, bool isReversed)
    {
        try
        {
            return [.. isReversed ? items.OrderByDescending(key, Order) : items.OrderBy(key, Order)];
        }
        catch (InvalidOperationException error) when (error.InnerException is TemplateError cause)
        {
            throw new TemplateError(cause.Message);
        }
    }

    private static Value Key(Value item, Value? isCaseSensitive, Value? attribute)
    {
        var key = attribute is null or NoneValue ? item : AttributePath.Of(item, attribute);
        return key is TextValue text && isCaseSensitive?.IsTrue != true ? CaseMapping.Lower(text) : key;
    }
}
