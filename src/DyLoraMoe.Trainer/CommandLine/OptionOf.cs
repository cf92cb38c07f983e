using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Builds options whose error messages say what was expected and what was found.</summary>
internal static class OptionOf
{
    /// <summary>A text or path.</summary>
    public static Option<string?> Text(string name, string valueName, string description, bool required = false) =>
        new(name) { HelpName = valueName, Description = description, Required = required };

    /// <summary>A text or path that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string valueName, string description) =>
        new(name)
        {
            HelpName = valueName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => [],
        };

    /// <summary>On when present.</summary>
    public static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A whole number within bounds; null when absent.</summary>
    public static Option<int?> Whole(string name, string valueName, string description, int minimum, int maximum = int.MaxValue) =>
        Parsed<int?>(name, valueName, description, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
                ? value
                : null, $"a whole number {Bounds(minimum, maximum, maximum == int.MaxValue)}");

    /// <summary>A number within bounds; null when absent.</summary>
    public static Option<double?> Number(string name, string valueName, string description, double minimum, double maximum = double.MaxValue) =>
        Parsed<double?>(name, valueName, description, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
                ? value
                : null, $"a number {Bounds(minimum, maximum, maximum == double.MaxValue)}");

    /// <summary>Numbers within bounds, with commas; null when absent.</summary>
    public static Option<double[]?> Numbers(string name, string valueName, string description, double minimum, double maximum) =>
        Listed(name, valueName, description, value => value >= minimum && value <= maximum, $"numbers {Bounds(minimum, maximum, isOpen: false)}");

    /// <summary>Whole numbers within bounds, with commas; null when absent.</summary>
    public static Option<double[]?> Wholes(string name, string valueName, string description, int minimum, int maximum) =>
        Listed(name, valueName, description, value => value >= minimum && value <= maximum && double.IsInteger(value), $"whole numbers {Bounds(minimum, maximum, isOpen: false)}");

    /// <summary>One word of a closed list, in any case; null when absent.</summary>
    public static Option<T?> OneOf<T>(string name, string valueName, string description, params IReadOnlyList<(string Word, T Value)> words)
        where T : struct
    {
        var option = Parsed<T?>(name, valueName, description, text => words
            .Where(word => string.Equals(word.Word, text, StringComparison.OrdinalIgnoreCase))
            .Select(word => (T?)word.Value)
            .FirstOrDefault(), "one of " + string.Join(", ", words.Select(word => word.Word)));
        option.CompletionSources.Add([.. words.Select(word => word.Word)]);
        return option;
    }

    /// <summary>Anything that <paramref name="parse"/> understands; it returns null for what it does not.</summary>
    public static Option<T> Parsed<T>(string name, string valueName, string description, Func<string, T> parse, string expected) =>
        new(name)
        {
            HelpName = valueName,
            Description = description,
            CustomParser = argument => Parse(argument, name, parse, expected),
        };

    private static Option<double[]?> Listed(string name, string valueName, string description, Predicate<double> fits, string expected) =>
        Parsed<double[]?>(name, valueName, description, text =>
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var values = parts.Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN).ToArray();
            return values.Length > 0 && Array.TrueForAll(values, fits) ? values : null;
        }, $"{expected} with commas between them");

    private static T? Parse<T>(ArgumentResult argument, string name, Func<string, T> parse, string expected)
    {
        var text = argument.Tokens.Count == 0 ? string.Empty : argument.Tokens[^1].Value;
        var value = parse(text);
        if (value is null)
        {
            argument.AddError($"{name} expects {expected}, found '{text}'.");
        }

        return value;
    }

    private static string Bounds(IFormattable minimum, IFormattable maximum, bool isOpen) => isOpen
        ? string.Create(CultureInfo.InvariantCulture, $"of at least {minimum}")
        : string.Create(CultureInfo.InvariantCulture, $"from {minimum} to {maximum}");
}
