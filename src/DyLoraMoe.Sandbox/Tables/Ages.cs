using System.Globalization;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>Spans of time as people read them: 45s, 3m12s, 5h, 2d3h.</summary>
internal static class Ages
{
    /// <summary>The time since a timestamp; <c>&lt;unknown&gt;</c> when there is none.</summary>
    public static string Since(string? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset then)
            ? Human(now - then) : "<unknown>";

    /// <summary>A span with at most two units.</summary>
    public static string Human(TimeSpan span)
    {
        long seconds = (long)span.TotalSeconds;
        if (seconds < 0)
        {
            return seconds < -1 ? "<invalid>" : "0s";
        }

        long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
        return seconds switch
        {
            < 120 => Pair(seconds, "s", 0, ""),
            < 600 => Pair(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => Pair(minutes, "m", 0, ""),
            < 8 * 3600 => Pair(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => Pair(hours, "h", 0, ""),
            < 8 * 86400 => Pair(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400L => Pair(days, "d", 0, ""),
            < 8 * 365 * 86400L => Pair(days / 365, "y", days % 365, "d"),
            _ => Pair(days / 365, "y", 0, ""),
        };
    }

    private static string Pair(long large, string unit, long small, string smallUnit) =>
        small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large}{unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large}{unit}{small}{smallUnit}");
}
