using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class JobLeaseTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_second_waits_until_the_first_is_done()
    {
        using var folder = new TemporaryFolder();
        var first = JobLease.Take(folder["job"], _ => { }, TimeProvider.System, Stop);
        var notes = new List<string>();
        var second = Task.Run(() => JobLease.Take(folder["job"], notes.Add, TimeProvider.System, Stop), Stop);
        await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(1), Stop));
        Assert.False(second.IsCompleted);

        first.Dispose();
        (await second).Dispose();

        Assert.Contains("waiting for it to end", Assert.Single(notes), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder["job"], "lease")));
    }

    [Fact]
    public void A_holder_that_was_killed_on_this_machine_is_not_waited_for()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["job"]);
        File.WriteAllText(Path.Combine(folder["job"], "lease"), $"{Environment.MachineName} {int.MaxValue} gone\n7");

        using var lease = JobLease.Take(folder["job"], _ => { }, TimeProvider.System, Stop);

        Assert.DoesNotContain("gone", File.ReadAllText(Path.Combine(folder["job"], "lease")), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_waits_can_be_stopped()
    {
        using var folder = new TemporaryFolder();
        using var first = JobLease.Take(folder["job"], _ => { }, TimeProvider.System, Stop);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        Assert.ThrowsAny<OperationCanceledException>(() => JobLease.Take(folder["job"], _ => { }, TimeProvider.System, stop.Token));
    }
}
