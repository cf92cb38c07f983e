using System.Security;
using Cronos;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>
/// When something is due: a schedule of cron in a time zone. What a change of the clocks leaves out is made up for right after it. A fixed time that comes twice counts once;
/// intervals, which have <c>*</c>, <c>-</c> or <c>/</c> in minute or hour, come both times.
/// </summary>
internal sealed class Timetable
{
    // What any of them names.
    private readonly CronExpression[] _schedules;
    private readonly TimeZoneInfo _zone;

    private Timetable(CronExpression[] schedules, TimeZoneInfo zone) => (_schedules, _zone) = (schedules, zone);

    /// <summary>Reads a schedule.</summary>
    /// <param name="schedule">Five fields, or a name such as <c>@daily</c>.</param>
    /// <param name="zone">Name of a time zone; null for UTC.</param>
    /// <exception cref="FormatException">It means nothing; the message says what is wrong.</exception>
    public static Timetable Parse(string schedule, string? zone)
    {
        try
        {
            var timetable = new Timetable([.. Parts(schedule).Select(part => CronExpression.Parse(part))], zone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(zone));
            return timetable.Next(DateTimeOffset.UnixEpoch) is null
                ? throw new FormatException($"spec.schedule: expected a schedule with a time to come, found \"{schedule}\", which never comes; choose another day.")
                : timetable;
        }
        catch (CronFormatException error)
        {
            throw new FormatException($"spec.schedule: expected five fields as cron has them, found \"{schedule}\" ({error.Message.TrimEnd('.')}); write it so.", error);
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or SecurityException)
        {
            // The last is what is said of a folder of the database, such as Europe.
            throw new FormatException($"spec.timeZone: expected a time zone of the IANA's database, found \"{zone}\"; write its name, such as Europe/Vienna.", error);
        }
    }

    /// <summary>The first time after another; null when none comes.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _schedules.Min(schedule => schedule.GetNextOccurrence(after, _zone))?.ToUniversalTime();

    /// <summary>All times after one and up to another.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset upTo) => after >= upTo
        ? []
        : _schedules
            .SelectMany(schedule => schedule.GetOccurrences(after, upTo, _zone, fromInclusive: false, toInclusive: true))
            .Select(time => time.ToUniversalTime())
            .Distinct()
            .Order();

    // Cronos wants both days to be right where cron, and so a CronJob, is content with either.
    private static string[] Parts(string schedule) =>
        schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var minute, var hour, var day, var month, var weekday] && !IsAny(day) && !IsAny(weekday)
            ? [$"{minute} {hour} {day} {month} *", $"{minute} {hour} * {month} {weekday}"]
            : [schedule];

    // As a CronJob has it, for which every second day is not any day.
    private static bool IsAny(string field) => field.Split(',').Any(part => part is "*" or "?" or "*/1" or "?/1");
}
