using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A number in base two, digits apart.</summary>
internal sealed class BinaryFamily : ISkillFamily
{
    public string Name => "binary";

    public string Description => "A number in base two, digits apart.";

    public string Task => "Binary";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bbinary", @"(?i)\bbase two"];

    public string Draw(SeededRandom random) => $"{random.Next(1024)}";

    public string Solve(string input) => string.Join(' ', int.Parse(input, CultureInfo.InvariantCulture).ToString("b", CultureInfo.InvariantCulture).ToCharArray());
}
