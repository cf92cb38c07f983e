namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Letters in the opposite order.</summary>
internal sealed class ReverseFamily : ISkillFamily
{
    public string Name => "reverse";

    public string Description => "Letters in the opposite order.";

    public string Task => "Reverse";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)revers", @"(?i)backward"];

    public string Draw(SeededRandom random) => Spaced.Letters(random, 3, 8);

    public string Solve(string input) => Spaced.Map(input, letters => letters.Reverse());
}
