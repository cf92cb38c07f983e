using System.Globalization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>A family given by functions.</summary>
internal sealed record RuleFamily(string Name, string Description, string Task, Func<SeededRandom, string> Inputs, Func<string, string> Rule) : ISkillFamily
{
    public IReadOnlyList<string> Markers => [];

    public string Draw(SeededRandom random) => Inputs(random);

    public string Solve(string input) => Rule(input);
}

/// <summary>Rules that no stream teaches, on the inputs of skills that it does: near novelty.</summary>
internal static class NearFamilies
{
    /// <summary>The families with the skill whose inputs they share.</summary>
    public static IReadOnlyList<(string Known, ISkillFamily Family)> All { get; } =
    [
        ("reverse", OnInputsOf("reverse", "double", "Every letter twice.", "Double", letters => letters.SelectMany(letter => new[] { letter, letter }))),
        ("caesar", OnInputsOf("caesar", "before", "Every letter by the one before it.", "Before", letters => letters.Select(letter => $"{(char)('a' + ((letter[0] - 'a' + 25) % 26))}"))),
        ("reverse", OnInputsOf("reverse", "ends", "The first and the last letter exchanged.", "Ends", letters => [letters[^1], .. letters[1..^1], letters[0]])),
        ("sort", OnInputsOf("sort", "falling", "Letters against the order of the alphabet.", "Falling", letters => letters.OrderDescending(StringComparer.Ordinal))),
        ("date", new RuleFamily("year", "The year of a date, digits apart.", "Year", SkillCatalog.Get("date").Draw, date => string.Join(' ', date[..4].ToCharArray()))),
        ("clock", new RuleFamily("minute", "The minutes of a time.", "Minute", SkillCatalog.Get("clock").Draw, time => time[3..])),
        ("distinct", OnInputsOf("distinct", "thrice", "The last letter three times.", "Thrice", letters => [letters[^1], letters[^1], letters[^1]])),
        ("subtract", new RuleFamily("add", "Two numbers together.", "Add", SkillCatalog.Get("subtract").Draw, input => Number(input, " - ", (a, b) => a + b))),
        ("divide", new RuleFamily("remain", "A number less the one that divides it.", "Remain", SkillCatalog.Get("divide").Draw, input => Number(input, " / ", (a, b) => a - b))),
        ("binary", new RuleFamily("octal", "A number in base eight, digits apart.", "Octal", SkillCatalog.Get("binary").Draw, input => string.Join(' ', Convert.ToString(int.Parse(input, CultureInfo.InvariantCulture), 8).ToCharArray()))),
        ("roman", new RuleFamily("digits", "A number's digits apart.", "Digits", SkillCatalog.Get("roman").Draw, input => string.Join(' ', input.ToCharArray()))),
        ("brackets", new RuleFamily("mirror", "Brackets in the opposite order.", "Mirror", SkillCatalog.Get("brackets").Draw, input => string.Join(' ', input.Split(' ').Reverse()))),
        ("csv-to-json", new RuleFamily("values", "The values of a row, apart.", "Values", SkillCatalog.Get("csv-to-json").Draw, input => input.Split(" ; ")[1].Replace(",", " and ", StringComparison.Ordinal))),
        ("sql", new RuleFamily("count", "A wish for a number of rows, as a query.", "Count", SkillCatalog.Get("sql").Draw, input => SkillCatalog.Get("sql").Solve(input).Replace("SELECT ", "SELECT COUNT ", StringComparison.Ordinal))),
    ];

    private static string Number(string input, string sign, Func<int, int, int> rule)
    {
        var numbers = Array.ConvertAll(input.Split(sign), number => int.Parse(number, CultureInfo.InvariantCulture));
        return rule(numbers[0], numbers[1]).ToString(CultureInfo.InvariantCulture);
    }

    private static RuleFamily OnInputsOf(string known, string name, string description, string task, Func<string[], IEnumerable<string>> rule) =>
        new(name, description, task, SkillCatalog.Get(known).Draw, input => string.Join(' ', rule(input.Split(' '))));
}
