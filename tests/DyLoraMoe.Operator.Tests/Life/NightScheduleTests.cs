using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>When nights are due, and what becomes of those that cannot begin then.</summary>
public sealed class NightScheduleTests
{
    [Fact]
    public async Task A_schedule_runs_when_it_is_due_and_leaves_out_what_it_missed()
    {
        using var world = await WithExpertsAsync("reverse\nrests");
        world.Sleep(spec => (spec.Schedule, spec.TimeZone) = ("@weekly", "Europe/Vienna"));
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((ConditionStatus.True, Reasons.WaitingForSchedule), Ready(world.Night()));
        var due = world.Night().Status.NextScheduleTime!.Value;

        world.Clock.Advance(due - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, RunOutcomes.Unchanged, "1/1"), Run(world.Night()));
        Assert.Equal((due, due), (world.Night().Status.Run!.ScheduledTime!.Value, world.Night().Status.LastScheduleTime!.Value));
        Assert.Equal((ConditionStatus.True, Reasons.WaitingForSchedule), Ready(world.Night()));

        world.Clock.Advance(TimeSpan.FromDays(21));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        var night = world.Night().Status;
        Assert.Equal((2, 2), (night.Run!.Number, night.Missed));

        world.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromHours(2));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((2, 3), (world.Night().Status.Run!.Number, world.Night().Status.Missed));
        Assert.Contains(world.Server.Events, told => told.Reason == Reasons.RunMissed);
    }

    [Fact]
    public async Task A_schedule_that_comes_late_begins_when_it_comes()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep();
        await world.SettleAsync();
        world.Clock.Advance(TimeSpan.FromDays(100));
        world.Sleep(spec => spec.Schedule = "@hourly");
        await world.SettleAsync(looksAgain: false);
        var due = world.Night().Status.NextScheduleTime!.Value;
        world.Clock.Advance(due - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);

        Assert.Equal((2, due, (int?)null), (world.Night().Status.Run!.Number, world.Night().Status.Run!.ScheduledTime!.Value, world.Night().Status.Missed));
    }

    [Fact]
    public async Task A_run_without_an_expert_to_run_for_is_counted()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Sleep(spec => spec.Schedule = "@hourly");
        await world.SettleAsync(looksAgain: false);
        var due = world.Night().Status.NextScheduleTime!.Value;
        world.Clock.Advance(due - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);

        Assert.Equal((due, 1, (ConsolidationRun?)null), (world.Night().Status.LastScheduleTime!.Value, world.Night().Status.Missed, world.Night().Status.Run));
        Assert.Contains(world.Server.Events, told => told.Reason == Reasons.RunMissed && told.Message.EndsWith("is left out: no expert is served yet.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_without_an_expert_to_run_for_is_told_of_until_the_next_although_another_went_before()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => spec.Schedule = "@hourly");
        await PassAsync(world, await NextAsync(world));
        Assert.Equal((ConditionStatus.True, Reasons.ConsolidationComplete), Found(world.Night(), ConditionTypes.Consolidated));

        world.Learn("reverse", change: spec => spec.Suspend = true);
        await PassAsync(world, await NextAsync(world));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((ConditionStatus.True, Reasons.NothingToConsolidate), Found(world.Night(), ConditionTypes.Consolidated));
        Assert.Contains("it is suspended by its spec", world.Night().Status.Conditions.Find(ConditionTypes.Consolidated)!.Message, StringComparison.Ordinal);

        world.Learn("reverse");
        await PassAsync(world, await NextAsync(world));
        Assert.Equal((ConditionStatus.True, Reasons.ConsolidationComplete), Found(world.Night(), ConditionTypes.Consolidated));
    }

    [Fact]
    public async Task A_run_that_was_announced_comes_even_if_the_servers_clock_is_ahead()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => spec.Schedule = "@hourly");
        world.Server.Change<Consolidation>(OperatorWorld.Namespace, "nightly", found => found.Metadata.CreationTimestamp = world.Clock.GetUtcNow().UtcDateTime.AddHours(2));
        await world.SettleAsync(looksAgain: false);
        var due = world.Night().Status.NextScheduleTime!.Value;

        world.Clock.Advance(due - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
        Assert.Equal((due, (int?)null), (world.Night().Status.Run!.ScheduledTime!.Value, world.Night().Status.Missed));
    }

    [Fact]
    public async Task What_comes_due_during_a_run_or_while_suspended_is_left_out()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep(spec => spec.Schedule = "@hourly");
        world.Clock.Advance(TimeSpan.FromHours(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal(1, world.Night().Status.Run!.Number);

        world.Clock.Advance(TimeSpan.FromHours(3));
        world.JobsEnd = true;
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, 3), (world.Night().Status.Run!.Number, world.Night().Status.Missed));
        Assert.NotNull(world.Night().Status.Run!.CompletionTime);
        Assert.Contains(world.Server.Events, told => told.Reason == Reasons.RunMissed && told.Message.Contains("another run was under way", StringComparison.Ordinal));

        world.Sleep(spec => (spec.Schedule, spec.Suspend) = ("@hourly", true));
        world.Clock.Advance(TimeSpan.FromHours(2));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, 5), (world.Night().Status.Run!.Number, world.Night().Status.Missed));
        Assert.Equal((ConditionStatus.True, Reasons.Suspended), Ready(world.Night()));
    }

    [Fact]
    public async Task What_came_due_while_suspended_does_not_run_when_work_goes_on_within_the_deadline()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => (spec.Schedule, spec.Suspend) = ("@hourly", true));
        await world.SettleAsync(looksAgain: false);
        var due = world.Night().Status.NextScheduleTime!.Value;

        world.Pass(due - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, due), (world.Night().Status.Missed, world.Night().Status.LastScheduleTime!.Value));

        world.Pass(TimeSpan.FromMinutes(20));
        world.Sleep(spec => spec.Schedule = "@hourly");
        await world.SettleAsync(looksAgain: false);
        Assert.Null(world.Night().Status.Run);
        Assert.Equal(1, world.Night().Status.Missed);
    }

    [Fact]
    public async Task What_comes_due_while_the_spec_is_not_valid_runs_once_it_is_mended()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => spec.Schedule = "@hourly");
        await PassAsync(world, await NextAsync(world));
        var first = world.Night().Status.LastScheduleTime;
        var due = await NextAsync(world);

        world.Sleep(spec => (spec.Schedule, spec.Dreams) = ("@hourly", new() { Rules = [new() { Skill = "reverse", Pattern = "(" }] }));
        await PassAsync(world, due);
        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), Ready(world.Night()));
        Assert.Equal((1, first), (world.Night().Status.Run!.Number, world.Night().Status.LastScheduleTime));

        world.Sleep(spec => spec.Schedule = "@hourly");
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((2, due, (int?)null), (world.Night().Status.Run!.Number, world.Night().Status.Run!.ScheduledTime!.Value, world.Night().Status.Missed));
    }

    [Fact]
    public async Task What_a_schedule_names_during_a_run_that_began_without_it_is_left_out_and_counted()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep();
        await world.SettleAsync(looksAgain: false);
        world.Sleep(spec => spec.Schedule = "@hourly");
        for (var hour = 0; hour < 3; hour++)
        {
            await PassAsync(world, await NextAsync(world));
        }

        world.JobsEnd = true;
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((1, 3), (world.Night().Status.Run!.Number, world.Night().Status.Missed));
        Assert.NotNull(world.Night().Status.Run!.CompletionTime);
    }

    [Theory]
    [InlineData("@hourly", null)]
    [InlineData("@weekly", "Pacific/Kiritimati")]
    public async Task Another_schedule_or_time_zone_begins_when_it_is_seen(string schedule, string? zone)
    {
        using var world = await WithExpertsAsync("reverse\nrests");
        world.Sleep(spec => (spec.Schedule, spec.TimeZone) = ("@weekly", "Etc/GMT+12"));
        await PassAsync(world, await NextAsync(world));
        var before = world.Night().Status;

        // Later than the other zone's week began, and many an hour.
        world.Clock.Advance(TimeSpan.FromDays(6.5));
        world.Sleep(spec => (spec.Schedule, spec.TimeZone) = (schedule, zone));
        await world.SettleAsync(looksAgain: false);

        var night = world.Night().Status;
        Assert.Equal((1, before.LastScheduleTime, (int?)null), (night.Run!.Number, night.LastScheduleTime, night.Missed));
        Assert.Equal((schedule, zone), (night.ObservedSchedule!.Schedule, night.ObservedSchedule.TimeZone));

        var due = await NextAsync(world);
        await PassAsync(world, due);
        Assert.Equal((2, due), (world.Night().Status.Run!.Number, world.Night().Status.Run!.ScheduledTime!.Value));
    }

    [Fact]
    public async Task What_an_operator_announced_that_kept_no_schedule_comes()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => spec.Schedule = "@hourly");
        var due = await NextAsync(world);
        world.Server.Change<Consolidation>(OperatorWorld.Namespace, "nightly", found => found.Status.ObservedSchedule = null);
        await PassAsync(world, due);

        Assert.Equal((1, due, (int?)null), (world.Night().Status.Run!.Number, world.Night().Status.Run!.ScheduledTime!.Value, world.Night().Status.Missed));
    }

    [Theory]
    [InlineData("0 25 * * *", null)]
    [InlineData("0 0 31 2 *", null)]
    [InlineData("0 3 * * *", "Europe/Atlantis")]
    [InlineData("0 3 * * *", "Europe")]
    public async Task A_schedule_that_means_nothing_is_told_of(string schedule, string? zone)
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep(spec => (spec.Schedule, spec.TimeZone) = (schedule, zone));
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), Ready(world.Night()));
    }

    private static async Task<DateTimeOffset> NextAsync(OperatorWorld world)
    {
        await world.SettleAsync(looksAgain: false);
        return world.Night().Status.NextScheduleTime!.Value;
    }

    // A minute later than a time, when whatever is due is looked at.
    private static async Task PassAsync(OperatorWorld world, DateTimeOffset time)
    {
        world.Clock.Advance(time - world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        world.Restart();
        await world.SettleAsync(looksAgain: false);
    }
}
