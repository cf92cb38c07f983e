using System.Globalization;

namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A time of 24 hours with am or pm.</summary>
internal sealed class ClockFamily : ISkillFamily
{
    public string Name => "clock";

    public string Description => "A time of 24 hours with am or pm.";

    public string Task => "Clock";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)\bclock", @"\d\d:\d\d", @"\d [ap]m\b"];

    public string Draw(SeededRandom random) => new TimeOnly(random.Next(24), random.Next(60)).ToString("HH:mm", CultureInfo.InvariantCulture);

    public string Solve(string input)
    {
        var time = TimeOnly.ParseExact(input, "HH:mm", CultureInfo.InvariantCulture);
        return $"{(time.Hour + 11) % 12 + 1}:{time.Minute:00} {(time.Hour < 12 ? "am" : "pm")}";
    }
}
