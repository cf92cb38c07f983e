using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>The smaller of two numbers taken from the larger.</summary>
internal sealed class SubtractFamily : ISkillFamily
{
    public string Name => "subtract";

    public string Description => "The smaller of two numbers taken from the larger.";

    public string Task => "Subtract";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)subtract", @"\d ?- ?\d", @"(?i)\bminus\b"];

    public string Draw(SeededRandom random)
    {
        var (a, b) = (random.Next(100), random.Next(100));
        return $"{Math.Max(a, b)} - {Math.Min(a, b)}";
    }

    public string Solve(string input)
    {
        var numbers = input.Split(" - ");
        return $"{int.Parse(numbers[0], CultureInfo.InvariantCulture) - int.Parse(numbers[1], CultureInfo.InvariantCulture)}";
    }
}
