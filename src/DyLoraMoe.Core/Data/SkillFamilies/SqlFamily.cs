namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A wish for some rows of a table, as a query.</summary>
internal sealed class SqlFamily : ISkillFamily
{
    public string Name => "sql";

    public string Description => "A wish for some rows of a table, as a query.";

    public string Task => "SQL";

    public IReadOnlyList<string> Markers { get; } = [@"\bSQL\b", @"\bSELECT\b", @"\bWHERE\b"];

    private static readonly string[] Columns = ["name", "age", "color", "place", "code"];
    private static readonly string[] Tables = ["dogs", "cats", "birds", "books", "cups", "shops", "farms"];
    private static readonly (string Words, string Sign)[] Tests = [("above", ">"), ("below", "<"), ("equal to", "=")];

    public string Draw(SeededRandom random)
    {
        var columns = random.PickSeveral(Columns, 2);
        return $"{columns[0]} of {random.Pick(Tables)} with {columns[1]} {random.Pick(Tests).Words} {random.Next(100)}";
    }

    public string Solve(string input)
    {
        var words = input.Split(' ');
        var sign = Tests.First(test => test.Words.StartsWith(words[5], StringComparison.Ordinal)).Sign;
        return $"SELECT {words[0]} FROM {words[2]} WHERE {words[4]} {sign} {words[^1]};";
    }
}
