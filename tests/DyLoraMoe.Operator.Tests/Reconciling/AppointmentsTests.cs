using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Reconciling;

public class AppointmentsTests
{
    private static readonly (string, ObjectKey) _skill = ("Skill", new("default", "sum"));

    private readonly ManualClock _clock = new();
    private readonly Appointments _appointments;

    public AppointmentsTests() => _appointments = new(_clock);

    [Fact]
    public void An_object_whose_visit_was_lost_is_told_until_it_is_visited()
    {
        _appointments.Make("Skill", new("default", "sum"), TimeSpan.FromHours(2));
        Assert.Empty(After(minutes: 124));
        Assert.Equal([_skill], After(minutes: 1));
        Assert.Empty(After(minutes: 4));
        Assert.Equal([_skill], After(minutes: 1));

        _appointments.Make("Skill", new("default", "sum"), TimeSpan.FromHours(2));
        Assert.Empty(After(minutes: 124));
    }

    [Fact]
    public void An_object_that_was_never_visited_is_told_a_while_after_it_came()
    {
        Assert.Empty(_appointments.Missed([_skill]));
        Assert.Empty(After(minutes: 4));
        Assert.Equal([_skill], After(minutes: 1));
    }

    [Fact]
    public void An_object_that_is_gone_is_not_told_and_one_of_its_name_is_a_new_one()
    {
        _appointments.Make("Skill", new("default", "sum"), TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_appointments.Missed([]));
        Assert.Empty(_appointments.Missed([_skill]));
    }

    private IReadOnlyList<(string, ObjectKey)> After(int minutes)
    {
        _clock.Advance(TimeSpan.FromMinutes(minutes));
        return _appointments.Missed([_skill]);
    }
}
