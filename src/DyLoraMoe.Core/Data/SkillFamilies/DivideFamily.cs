using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A number divided by another that divides it.</summary>
internal sealed class DivideFamily : ISkillFamily
{
    public string Name => "divide";

    public string Description => "A number divided by another that divides it.";

    public string Task => "Divide";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bdivid", @"\d ?/ ?\d"];

    public string Draw(SeededRandom random)
    {
        var (divisor, result) = (random.Between(2, 20), random.Between(1, 60));
        return $"{divisor * result} / {divisor}";
    }

    public string Solve(string input)
    {
        var numbers = input.Split(" / ");
        return $"{int.Parse(numbers[0], CultureInfo.InvariantCulture) / int.Parse(numbers[1], CultureInfo.InvariantCulture)}";
    }
}
