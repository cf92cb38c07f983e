using DyLoraMoe.Operator.Tests.World;

namespace DyLoraMoe.Operator.Tests.Disturbed;

/// <summary>What comes of a life in which calls fail, processes die and caches are late is what comes of an undisturbed one.</summary>
public abstract class DisturbedTests
{
    // More of the same takes a minute, and is for TESTS=all.
    private static readonly int _seeds = Environment.GetEnvironmentVariable("TESTS") == "all" ? 20 : 5;

    private protected static Task ComesToTheSameAsync(Func<int, Faults> faults) => ComesToTheSameAsync(faults, Scenario.LongAsync);

    private protected static async Task ComesToTheSameAsync(Func<int, Faults> faults, Func<OperatorWorld, Task> life)
    {
        var (picture, work) = await UndisturbedAsync(life);
        for (var seed = 1; seed <= _seeds; seed++)
        {
            await ComesToAsync(picture, work, faults(seed), life, $"seed {seed}");
        }
    }

    private protected static async Task<(string Picture, List<string> Work)> UndisturbedAsync(Func<OperatorWorld, Task> life)
    {
        using var world = new OperatorWorld();
        await life(world);
        Assert.Empty(Scenario.Twice(world));
        return (Scenario.Picture(world), [.. Scenario.Work(world)]);
    }

    private protected static async Task ComesToAsync(string picture, List<string> work, Faults faults, Func<OperatorWorld, Task> life, string what)
    {
        using var world = new OperatorWorld(faults);
        await life(world);
        Assert.True(picture == Scenario.Picture(world), $"{what}:\n{Scenario.Picture(world)}\nexpected:\n{picture}\n{world.Story()}");
        Assert.True(work.SequenceEqual(Scenario.Work(world)), $"{what} did:\n{string.Join('\n', Scenario.Work(world))}\nexpected:\n{string.Join('\n', work)}");
        Assert.True(!Scenario.Twice(world).Any(), $"{what} did more than once:\n{string.Join('\n', Scenario.Twice(world))}");

        if (faults.Only is null)
        {
            // Settled is settled, for the next process too.
            faults.Most = 0;
            var version = world.Server.Version;
            world.Restart();
            await world.SettleAsync();
            Assert.True(version == world.Server.Version, $"{what} wrote again:\n{string.Join('\n', world.Cluster.Log.Select(told => told()))}");
        }
    }
}

public sealed class OrderTests : DisturbedTests
{
    [Fact]
    public Task The_order_of_visits_does_not_matter() => ComesToTheSameAsync(Faults.InOrder);

    [Fact]
    public Task Late_caches_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 0) { AreWatchesLate = true });
}

public sealed class FailedCallTests : DisturbedTests
{
    [Fact]
    public Task Conflicts_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 20, Fault.Conflict));

    [Fact]
    public Task Calls_that_are_too_many_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 20, Fault.TooMany));

    [Fact]
    public Task Errors_of_the_server_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 20, Fault.ServerError));

    [Fact]
    public Task Answers_that_are_lost_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 20, Fault.Timeout));
}

public sealed class CrashTests : DisturbedTests
{
    [Fact]
    public Task Crashes_do_not_matter() => ComesToTheSameAsync(seed => new(seed, 10, Fault.CrashBefore, Fault.CrashAfter));

    [Theory]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    internal Task A_crash_at_any_call_does_not_matter(Fault fault) => AtAnyCallAsync(fault, Scenario.ShortAsync, _ => Task.CompletedTask);

    [Theory]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    internal Task A_crash_at_any_call_of_a_night_does_not_matter(Fault fault) => AtAnyCallAsync(fault, Scenario.NightAsync, Scenario.EveningAsync);

    [Theory]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    internal Task A_crash_at_any_call_of_a_growth_does_not_matter(Fault fault) => AtAnyCallAsync(fault, Scenario.SmallGrowthAsync, Scenario.SproutAsync);

    private static async Task AtAnyCallAsync(Fault fault, Func<OperatorWorld, Task> life, Func<OperatorWorld, Task> before)
    {
        var (picture, work) = await UndisturbedAsync(life);
        var (first, last) = (await CallsAsync(before), await CallsAsync(life));
        Assert.True(last - first >= 30, $"Only {last - first} calls.");
        for (var call = first; call < last; call++)
        {
            await ComesToAsync(picture, work, Faults.At(call, fault), life, $"{fault} at call {call}");
        }
    }

    private static async Task<int> CallsAsync(Func<OperatorWorld, Task> life)
    {
        var counting = Faults.None;
        using var world = new OperatorWorld(counting);
        await life(world);
        return counting.Calls;
    }
}

public sealed class AllAtOnceTests : DisturbedTests
{
    [Fact]
    public Task All_of_it_together_does_not_matter() => ComesToTheSameAsync(All);

    [Fact]
    public Task All_of_it_together_does_not_matter_to_a_night() => ComesToTheSameAsync(All, Scenario.NightAsync);

    [Fact]
    public Task All_of_it_together_does_not_matter_to_a_growth() => ComesToTheSameAsync(All, Scenario.GrowthAsync);

    private static Faults All(int seed) => new(seed, 15, Fault.Conflict, Fault.TooMany, Fault.ServerError, Fault.Timeout, Fault.CrashBefore, Fault.CrashAfter) { AreWatchesLate = true };
}
