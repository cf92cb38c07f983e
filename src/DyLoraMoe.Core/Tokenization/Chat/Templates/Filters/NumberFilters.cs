using System.Globalization;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;

/// <summary>Filters of numbers, and those that make numbers.</summary>
internal static class NumberFilters
{
    public static Dictionary<string, FilterFunction> All { get; } = new()
    {
        ["int"] = Whole,
        ["float"] = (value, arguments) => Parsed(value) is { } number ? new FloatValue(number) : arguments.Bind("default")[0] ?? new FloatValue(0),
        ["abs"] = (value, _) => Numbers.Real(value) < 0 ? Operators.Negate(value) : Operators.Plus(value),
        ["round"] = Round,
        ["sum"] = Sum,
    };

    private static Value Whole(Value value, Arguments arguments)
    {
        var given = arguments.Bind("default", "base");
        if (arguments.Integer(given[1], 10) != 10)
        {
            throw new TemplateError("int reads decimal numbers only.");
        }

        return Numbers.Whole(value) is { } whole ? new IntegerValue(whole)
            : value is TextValue text && long.TryParse(Digits(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read) ? new IntegerValue(read)
            : Parsed(value) is { } number && Math.Abs(number) < long.MaxValue ? new IntegerValue((long)number)
            : given[0] ?? new IntegerValue(0);
    }

    private static double? Parsed(Value value) => value switch
    {
        UndefinedValue undefined => throw undefined.Error,
        TextValue text => double.TryParse(Digits(text), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => Numbers.Real(value),
    };

    private static string Digits(TextValue text) => TextSplit.Strip(text, null).Text.Replace("_", "", StringComparison.Ordinal);

    private static Value Round(Value value, Arguments arguments)
    {
        var given = arguments.Bind("precision", "method");
        var number = Numbers.Real(value) ?? throw new TemplateError($"{value.Kind} cannot be rounded; expected a number.");
        var precision = Math.Clamp(arguments.Integer(given[0], 0), 0, 15);
        var scale = Math.Pow(10, precision);
        var rounded = arguments.Text(given[1], TextValue.Of("common")).Text switch
        {
            "common" => Math.Round(number, precision, MidpointRounding.ToEven),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var method => throw new TemplateError($"round was given the method '{method}'; expected common, ceil or floor."),
        };
        return value is FloatValue || given[1] is TextValue { Text: not "common" } ? new FloatValue(rounded) : value;
    }

    private static Value Sum(Value value, Arguments arguments)
    {
        var given = arguments.Bind("attribute", "start");
        return value.Items().Aggregate(given[1] ?? new IntegerValue(0), (sum, item) => Operators.Add(sum, given[0] is null or NoneValue ? item : AttributePath.Of(item, given[0]!)));
    }
}
