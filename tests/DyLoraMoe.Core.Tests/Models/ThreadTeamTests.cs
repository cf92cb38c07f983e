using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 1000)]
    [InlineData(64, 7)]
    public void Every_part_is_done_once(int threads, int parts)
    {
        for (var turn = 0; turn < 200; turn++)
        {
            var done = new int[parts];

            ThreadTeam.Shared.Run(threads, parts, part => Interlocked.Increment(ref done[part]));

            Assert.All(done, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public async Task Threads_that_fell_asleep_wake_up()
    {
        var team = new ThreadTeam(2);
        using var all = new Barrier(3);
        for (var turn = 0; turn < 20; turn++)
        {
            team.Run(3, 3, _ => Assert.True(all.SignalAndWait(TimeSpan.FromMinutes(1)), "three parts are at work at once"));
            await Task.Delay(turn % 3, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Many_may_ask_at_once_and_parts_may_ask_too()
    {
        var sums = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var sum = 0;
            for (var turn = 0; turn < 100; turn++)
            {
                ThreadTeam.Shared.Run(2, 4, _ => ThreadTeam.Shared.Run(2, 5, inner => Interlocked.Add(ref sum, inner)));
            }

            return sum;
        })));

        Assert.All(sums, sum => Assert.Equal(100 * 4 * 10, sum));
    }

    [Fact]
    public void What_fails_fails_the_whole_after_all_parts_were_begun()
    {
        var done = 0;

        var error = Assert.Throws<AggregateException>(() => ThreadTeam.Shared.Run(2, 10, part =>
        {
            Interlocked.Increment(ref done);
            if (part is 3 or 7)
            {
                throw new InvalidOperationException($"part {part}");
            }
        }));

        Assert.Equal(10, done);
        Assert.Equal(["part 3", "part 7"], error.InnerExceptions.Select(each => each.Message).Order());
    }
}
