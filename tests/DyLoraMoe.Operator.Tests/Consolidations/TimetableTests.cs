using System.Globalization;
using DyLoraMoe.Operator.Consolidations;

namespace DyLoraMoe.Operator.Tests.Consolidations;

public sealed class TimetableTests
{
    [Theory]
    [InlineData("0 3 10 * 5", "11-06 11-10 11-13 11-20 11-27")]
    [InlineData("0 3 10,13 11 FRI", "11-06 11-10 11-13 11-20 11-27")]
    [InlineData("0 3 1-2 * MON-TUE", "11-01 11-02 11-03 11-09 11-10 11-16 11-17 11-23 11-24 11-30")]
    [InlineData("0 3 */10 * 5", "11-01 11-06 11-11 11-13 11-20 11-21 11-27")]
    [InlineData("0 3 * * 5", "11-06 11-13 11-20 11-27")]
    [InlineData("0 3 ? * 5", "11-06 11-13 11-20 11-27")]
    [InlineData("0 3 13 * *", "11-13")]
    [InlineData("0 3 13 * ?", "11-13")]
    [InlineData("@weekly", "11-01 11-08 11-15 11-22 11-29")]
    public void Where_day_of_month_and_day_of_week_are_named_either_is_enough(string schedule, string days)
    {
        var (timetable, start) = (Timetable.Parse(schedule, null), Time("2026-10-31T23:59:59Z"));
        var times = timetable.Between(start, Time("2026-11-30T23:59:59Z")).ToList();

        Assert.Equal(days.Split(' '), times.Select(time => time.ToString("MM-dd", CultureInfo.InvariantCulture)));
        Assert.Equal(times[0], timetable.Next(start));
        Assert.Equal(times[1..], times[..^1].Select(time => timetable.Next(time)!.Value));
    }

    [Theory]
    [InlineData("30 2 * * *", "01:00", "00:30")]
    [InlineData("30 1,2,3 * * *", "00:30 01:00 01:30", "23:30 00:30 02:30")]
    [InlineData("30 1-3 * * *", "00:30 01:00 01:30", "23:30 00:30 01:30 02:30")]
    [InlineData("*/30 * * * *", "23:30 00:00 00:30 01:00 01:30 02:00 02:30", "22:30 23:00 23:30 00:00 00:30 01:00 01:30 02:00 02:30")]
    public void What_clocks_leave_out_is_made_up_for_and_of_what_comes_twice_a_fixed_time_counts_once(string schedule, string spring, string autumn)
    {
        var timetable = Timetable.Parse(schedule, "Europe/Vienna");

        Assert.Equal(spring.Split(' '), Clock(timetable.Between(Time("2026-03-28T23:00:00Z"), Time("2026-03-29T02:30:00Z"))));
        Assert.Equal(autumn.Split(' '), Clock(timetable.Between(Time("2026-10-24T22:00:00Z"), Time("2026-10-25T02:30:00Z"))));

        static IEnumerable<string> Clock(IEnumerable<DateTimeOffset> times) => times.Select(time => time.ToString("HH:mm", CultureInfo.InvariantCulture));
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
