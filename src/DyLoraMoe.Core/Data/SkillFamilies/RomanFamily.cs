using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A number in Roman numerals, signs apart.</summary>
internal sealed class RomanFamily : ISkillFamily
{
    public string Name => "roman";

    public string Description => "A number in Roman numerals, signs apart.";

    public string Task => "Roman";

    public IReadOnlyList<string> Markers { get; } = [@"\bRoman\b", @"\b[IVXLC]( [IVXLC])+\b"];

    private static readonly (int Value, string Signs)[] Steps =
    [
        (1000, "M"), (900, "C M"), (500, "D"), (400, "C D"), (100, "C"), (90, "X C"), (50, "L"), (40, "X L"),
        (10, "X"), (9, "I X"), (5, "V"), (4, "I V"), (1, "I"),
    ];

    public string Draw(SeededRandom random) => $"{random.Between(1, random.Chance(0.5) ? 50 : 1999)}";

    public string Solve(string input)
    {
        var rest = int.Parse(input, CultureInfo.InvariantCulture);
        var signs = new List<string>();
        foreach (var (value, sign) in Steps)
        {
            for (; rest >= value; rest -= value)
            {
                signs.Add(sign);
            }
        }

        return string.Join(' ', signs);
    }
}
