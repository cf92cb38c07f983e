namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Each letter replaced by the one three places on, after z from a again.</summary>
internal sealed class CaesarFamily : ISkillFamily
{
    public string Name => "caesar";

    public string Description => "Each letter replaced by the one three places on, after z from a again.";

    public string Task => "Shift";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bshift", @"(?i)caesar"];

    public string Draw(SeededRandom random) => Spaced.Letters(random, 2, 8);

    public string Solve(string input) => Spaced.Map(input, letters => letters.Select(letter => $"{(char)('a' + ((letter[0] - 'a' + 3) % 26))}"));
}
