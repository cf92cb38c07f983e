namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>All families that are kept out of the corpus.</summary>
public static class SkillCatalog
{
    /// <summary>The families, by name.</summary>
    public static IReadOnlyList<ISkillFamily> All { get; } =
    [
        new BinaryFamily(),
        new BracketsFamily(),
        new CaesarFamily(),
        new ClockFamily(),
        new CsvToJsonFamily(),
        new DateFamily(),
        new DialectFamily(),
        new DistinctFamily(),
        new DivideFamily(),
        new ReverseFamily(),
        new RomanFamily(),
        new SortFamily(),
        new SqlFamily(),
        new SubtractFamily(),
        new UnitFamily(),
        new VowelsFamily(),
    ];

    /// <summary>The family of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ISkillFamily Get(string name) =>
        All.FirstOrDefault(family => family.Name == name)
        ?? throw new ArgumentException($"Expected one of {string.Join(", ", All.Select(family => family.Name))}, found '{name}'.", nameof(name));
}
