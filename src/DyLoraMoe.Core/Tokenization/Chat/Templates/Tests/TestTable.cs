using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Tests;

/// <summary>Every test by its name.</summary>
internal static class TestTable
{
    private static readonly Dictionary<string, TestFunction> Tests = new()
    {
        ["defined"] = (value, _) => value is not UndefinedValue,
        ["undefined"] = (value, _) => value is UndefinedValue,
        ["none"] = (value, _) => value is NoneValue,
        ["string"] = (value, _) => value is TextValue,
        ["mapping"] = (value, _) => value is DictionaryValue,
        ["sequence"] = (value, _) => value is TextValue or ListValue or DictionaryValue or UndefinedValue,
        ["iterable"] = (value, _) => value is TextValue or ListValue or StreamValue or DictionaryValue or UndefinedValue,
        ["callable"] = (value, _) => value is FunctionValue or MacroValue,
        ["number"] = (value, _) => Numbers.Real(value) is not null,
        ["integer"] = (value, _) => value is IntegerValue,
        ["float"] = (value, _) => value is FloatValue,
        ["boolean"] = (value, _) => value is BooleanValue,
        ["true"] = (value, _) => value == BooleanValue.True,
        ["false"] = (value, _) => value == BooleanValue.False,
        ["upper"] = (value, _) => IsCase(value, char.IsUpper, char.IsLower),
        ["lower"] = (value, _) => IsCase(value, char.IsLower, char.IsUpper),
        ["in"] = (value, arguments) => Comparison.IsIn(value, arguments.One("seq")),
        ["sameas"] = (value, arguments) => arguments.One("other") is var other && (ReferenceEquals(value, other) || (value.GetType() == other.GetType() && Comparison.AreEqual(value, other))),
        ["odd"] = (value, _) => Modulo(value, 2) == 1,
        ["even"] = (value, _) => Modulo(value, 2) == 0,
        ["divisibleby"] = (value, arguments) => Modulo(value, arguments.Integer(arguments.One("num"), 0)) == 0,
    };

    static TestTable()
    {
        Add((value, other) => Comparison.AreEqual(value, other), "eq", "equalto", "==");
        Add((value, other) => !Comparison.AreEqual(value, other), "ne", "!=");
        Add((value, other) => Comparison.Compare(value, other) < 0, "lt", "lessthan", "<");
        Add((value, other) => Comparison.Compare(value, other) <= 0, "le", "<=");
        Add((value, other) => Comparison.Compare(value, other) > 0, "gt", "greaterthan", ">");
        Add((value, other) => Comparison.Compare(value, other) >= 0, "ge", ">=");
    }

    public static IEnumerable<string> Names => Tests.Keys.Order(StringComparer.Ordinal);

    public static TestFunction? Find(string name) => Tests.GetValueOrDefault(name);

    private static void Add(Func<Value, Value, bool> test, params string[] names)
    {
        foreach (var name in names)
        {
            Tests[name] = (value, arguments) => test(value, arguments.One("other"));
        }
    }

    private static bool IsCase(Value value, Func<char, bool> wanted, Func<char, bool> unwanted)
        => value.ToText().Text is var text && text.Any(wanted) && !text.Any(unwanted);

    private static long Modulo(Value value, long by) => Numbers.Whole(Operators.Remainder(value is TextValue ? NoneValue.Instance : value, new IntegerValue(by))) ?? -1;
}
