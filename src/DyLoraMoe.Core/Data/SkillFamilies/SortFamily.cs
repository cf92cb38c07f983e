namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Letters in the order of the alphabet.</summary>
internal sealed class SortFamily : ISkillFamily
{
    public string Name => "sort";

    public string Description => "Letters in the order of the alphabet.";

    public string Task => "Sort";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bsort"];

    public string Draw(SeededRandom random) => Spaced.Letters(random, 3, 7);

    public string Solve(string input) => Spaced.Map(input, letters => letters.Order(StringComparer.Ordinal));
}
