using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A date in digits, year first, with the day first and the month's name.</summary>
internal sealed class DateFamily : ISkillFamily
{
    public string Name => "date";

    public string Description => "A date in digits, year first, with the day first and the month's name.";

    public string Task => "Date";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bdate\b", @"\d{4}-\d\d-\d\d"];

    public string Draw(SeededRandom random) =>
        new DateOnly(random.Between(1900, 2099), 1, 1).AddDays(random.Next(365)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public string Solve(string input) =>
        DateOnly.ParseExact(input, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
