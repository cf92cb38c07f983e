namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Arithmetic, and what plus, times and percent mean for texts and lists.</summary>
internal static class Operators
{
    public static Value Add(Value left, Value right) => (left, right) switch
    {
        (TextValue first, TextValue second) => Concat([first, second]),
        (ListValue first, ListValue second) when first.IsTuple == second.IsTuple => new ListValue([.. first.Items(), .. second.Items()], first.IsTuple),
        _ => Arithmetic("+", left, right, (a, b) => checked(a + b), (a, b) => a + b),
    };

    public static Value Subtract(Value left, Value right) => Arithmetic("-", left, right, (a, b) => checked(a - b), (a, b) => a - b);

    public static Value Multiply(Value left, Value right) => (left, right) switch
    {
        (TextValue or ListValue, _) when Numbers.Whole(right) is { } times => Repeat(left, times),
        (_, TextValue or ListValue) when Numbers.Whole(left) is { } times => Repeat(right, times),
        _ => Arithmetic("*", left, right, (a, b) => checked(a * b), (a, b) => a * b),
    };

    public static Value Divide(Value left, Value right)
        => Arithmetic("/", left, right, null, (a, b) => b != 0 ? a / b : throw ByZero());

    public static Value FloorDivide(Value left, Value right)
        => Arithmetic("//", left, right, (a, b) => b != 0 ? FloorOf(a, b) : throw ByZero(), (a, b) => b != 0 ? Math.Floor(a / b) : throw ByZero());

    public static Value Remainder(Value left, Value right) => left is TextValue format
        ? TextFormat.Percent(format, right)
        : Arithmetic("%", left, right, (a, b) => b != 0 ? checked(a - (FloorOf(a, b) * b)) : throw ByZero(), (a, b) => b != 0 ? a - (Math.Floor(a / b) * b) : throw ByZero());

    public static Value Power(Value left, Value right)
        => Arithmetic("**", left, right, Numbers.Whole(right) < 0 ? null : Power, Math.Pow);

    public static Value Negate(Value value) => value is FloatValue real ? new FloatValue(-real.Number) : Subtract(new IntegerValue(0), value);

    public static Value Plus(Value value) => Add(new IntegerValue(0), value);

    /// <summary>The texts one after the other.</summary>
    public static TextValue Concat(IEnumerable<Value> values)
    {
        TextBuilder text = new();
        foreach (var value in values)
        {
            text.Append(value.ToText());
        }

        return text.ToText();
    }

    private static Value Arithmetic(string sign, Value left, Value right, Func<long, long, long>? whole, Func<double, double, double> real)
    {
        try
        {
            if (whole is not null && Numbers.Whole(left) is { } a && Numbers.Whole(right) is { } b)
            {
                return new IntegerValue(whole(a, b));
            }
        }
        catch (OverflowException)
        {
            throw new TemplateError($"The result of '{sign}' does not fit into 64 bits.");
        }

        return Numbers.Real(left) is { } first && Numbers.Real(right) is { } second
            ? new FloatValue(real(first, second))
            : throw (left as UndefinedValue ?? right as UndefinedValue)?.Error ?? new TemplateError($"'{sign}' was given {left.Kind} and {right.Kind}, which do not go together.");
    }

    private static Value Repeat(Value value, long times)
    {
        var count = Math.Max(0, times);
        if (value is TextValue text)
        {
            return text.Text.Length * (decimal)count > TemplateLimits.Text
                ? throw TemplateError.TooLarge("A text", TemplateLimits.Text)
                : text.IsTrue ? Concat(Enumerable.Repeat(text, (int)count)) : text;
        }

        var list = (ListValue)value;
        return list.Length() * (decimal)count > TemplateLimits.Items
            ? throw TemplateError.TooLarge("A list", TemplateLimits.Items)
            : new ListValue(list.IsTrue ? [.. Enumerable.Repeat(list.Items(), (int)count).SelectMany(items => items)] : [], list.IsTuple);
    }

    private static long FloorOf(long left, long right)
    {
        var quotient = checked(left / right);
        return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long number, long exponent)
    {
        var result = 1L;
        for (var i = 0L; i < exponent && result is not 0 && number is not 1; i++)
        {
            result = number == -1 ? exponent % 2 == 0 ? 1 : -1 : checked(result * number);
            if (number is -1 or 0)
            {
                break;
            }
        }

        return result;
    }

    private static TemplateError ByZero() => new("A number is divided by zero.");
}
