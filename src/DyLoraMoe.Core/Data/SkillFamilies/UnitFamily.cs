using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A length, weight or duration in a smaller unit.</summary>
internal sealed class UnitFamily : ISkillFamily
{
    public string Name => "units";

    public string Description => "A length, weight or duration in a smaller unit.";

    public string Task => "Unit";

    public IReadOnlyList<string> Markers { get; } = [@"\bUnit\b", @"\d (km|cm|mm|kg|mg|min|sec)\b"];

    private static readonly (string Large, string Small, int Factor)[] Units =
    [
        ("km", "m", 1000), ("m", "cm", 100), ("cm", "mm", 10), ("kg", "g", 1000), ("g", "mg", 1000), ("h", "min", 60), ("min", "sec", 60),
    ];

    public string Draw(SeededRandom random)
    {
        var unit = random.Pick(Units);
        return $"{random.Between(1, 99)} {unit.Large} to {unit.Small}";
    }

    public string Solve(string input)
    {
        var words = input.Split(' ');
        var unit = Units.First(u => u.Large == words[1] && u.Small == words[3]);
        return $"{int.Parse(words[0], CultureInfo.InvariantCulture) * unit.Factor} {unit.Small}";
    }
}
