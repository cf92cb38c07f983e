using System.Globalization;

namespace DyLoraMoe.Demo.Output;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    private const int BarWidth = 10;

    /// <summary>Minutes and seconds, such as 1:05.</summary>
    public static string Clock(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}:{time.Seconds:00}");

    /// <summary>A bar and the figure, such as <c>####...... 40%</c>.</summary>
    public static string Bar(int percent)
    {
        var full = Math.Clamp(percent, 0, 100) * BarWidth / 100;
        return string.Create(CultureInfo.InvariantCulture, $"{new string('#', full)}{new string('.', BarWidth - full)} {percent}%");
    }

    /// <summary>Text on one line, cut where it is long.</summary>
    public static string Short(string text, int length)
    {
        var line = text.Trim().ReplaceLineEndings(" ");
        return line.Length <= length ? line : line[..(length - 3)] + "...";
    }
}
