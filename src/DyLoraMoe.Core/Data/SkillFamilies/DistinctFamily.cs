namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Each letter once, in the order of first appearance.</summary>
internal sealed class DistinctFamily : ISkillFamily
{
    public string Name => "distinct";

    public string Description => "Each letter once, in the order of first appearance.";

    public string Task => "Distinct";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bdistinct", @"(?i)\bunique"];

    public string Draw(SeededRandom random)
    {
        var pool = random.PickSeveral(Enumerable.Range('a', 26).ToArray(), 4);
        return string.Join(' ', Enumerable.Range(0, random.Between(4, 8)).Select(_ => (char)random.Pick(pool)));
    }

    public string Solve(string input) => Spaced.Map(input, letters => letters.Distinct());
}
