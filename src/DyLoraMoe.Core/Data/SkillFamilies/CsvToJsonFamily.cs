namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Column names and one row, with commas, as a JSON object.</summary>
internal sealed class CsvToJsonFamily : ISkillFamily
{
    public string Name => "csv-to-json";

    public string Description => "Column names and one row, with commas, as a JSON object.";

    public string Task => "CSV";

    public IReadOnlyList<string> Markers { get; } = [@"\bCSV\b", @"\w+,\w+,?\w* ; \w+,"];

    private static readonly (string Column, string[] Values)[] Columns =
    [
        ("name", ["Ana", "Ben", "Mia", "Leo", "Kim", "Sam"]),
        ("color", ["red", "blue", "green", "black", "white"]),
        ("place", ["park", "farm", "shop", "river", "school"]),
        ("pet", ["dog", "cat", "bird", "fish", "mouse"]),
        ("age", [.. Enumerable.Range(1, 99).Select(age => $"{age}")]),
    ];

    public string Draw(SeededRandom random)
    {
        var columns = random.PickSeveral(Columns, random.Between(2, 3));
        return $"{string.Join(',', columns.Select(c => c.Column))} ; {string.Join(',', columns.Select(c => random.Pick(c.Values)))}";
    }

    public string Solve(string input)
    {
        var lines = input.Split(" ; ");
        var fields = lines[0].Split(',').Zip(lines[1].Split(','), (column, value) =>
            $"\"{column}\": {(char.IsDigit(value[0]) ? value : $"\"{value}\"")}");
        return $"{{{string.Join(", ", fields)}}}";
    }
}
