namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>Letters with spaces between them, so that a tokenizer sees each as a token.</summary>
internal static class Spaced
{
    public static string Letters(SeededRandom random, int least, int most) =>
        string.Join(' ', Enumerable.Range(0, random.Between(least, most)).Select(_ => (char)('a' + random.Next(26))));

    public static string Map(string input, Func<string[], IEnumerable<string>> apply) => string.Join(' ', apply(input.Split(' ')));
}
