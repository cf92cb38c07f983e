using System.Globalization;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>What counts as a number, and how one is written.</summary>
internal static class Numbers
{
    /// <summary>A whole number; true is one.</summary>
    public static long? Whole(Value value) => value switch
    {
        IntegerValue integer => integer.Number,
        BooleanValue boolean => boolean.IsTrue ? 1 : 0,
        _ => null,
    };

    /// <summary>Any number.</summary>
    public static double? Real(Value value) => value is FloatValue real ? real.Number : Whole(value);

    /// <summary>As Python writes it: the fewest digits that read back the same, with an exponent where it is far from one.</summary>
    public static string Text(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        var sign = double.IsNegative(number) ? "-" : "";
        var parts = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent = (point < 0 ? all.Length : point) - (all.Length - digits.Length) - 1
            + (parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0);
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? sign + "0.0"
            : exponent is < -4 or >= 16 ? string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}")
            : exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : exponent >= digits.Length - 1 ? $"{sign}{digits}{new string('0', exponent - digits.Length + 1)}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
