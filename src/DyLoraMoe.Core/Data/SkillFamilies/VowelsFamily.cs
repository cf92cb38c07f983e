namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>How many of the letters are a, e, i, o or u.</summary>
internal sealed class VowelsFamily : ISkillFamily
{
    public string Name => "vowels";

    public string Description => "How many of the letters are a, e, i, o or u.";

    public string Task => "Vowels";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)vowel"];

    public string Draw(SeededRandom random) => Spaced.Letters(random, 3, 8);

    public string Solve(string input) => $"{input.Count("aeiou".Contains)}";
}
