using System.Diagnostics;
using DyLoraMoe.Demo.Processes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Demo.Tests.Processes;

public sealed class ProcessRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_later_command_stops_what_an_earlier_one_started()
    {
        var path = _folder["processes.json"];
        var sleeper = BackgroundProcess.Start("a sleeper", _folder["log"], "/bin/sleep", ["600"]);
        new ProcessRecord(path).Add(sleeper.Running);

        Assert.Equal(["a sleeper"], await new ProcessRecord(path).StopAsync(TimeProvider.System));

        Assert.False(sleeper.Running.IsAlive);
        Assert.Empty(await new ProcessRecord(path).StopAsync(TimeProvider.System));
    }

    [Fact]
    public async Task A_process_that_has_the_number_of_one_that_ended_is_left_alone()
    {
        using var other = Process.Start("/bin/sleep", "600");
        try
        {
            var path = _folder["processes.json"];
            var real = RunningProcess.Find("other", other.Id)!;
            new ProcessRecord(path).Add(real with { Started = real.Started - 1 });

            Assert.Empty(await new ProcessRecord(path).StopAsync(TimeProvider.System));

            Assert.True(real.IsAlive);
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task A_program_that_ends_is_told_with_its_code_and_its_last_words()
    {
        var process = BackgroundProcess.Start("the shell", _folder["log"], "/bin/sh", ["-c", "echo no such luck; sleep 0.2; exit 3"]);
        while (process.Running.IsAlive)
        {
            await Task.Delay(20);
        }

        var error = await UntilEndedAsync(process);

        Assert.Contains("exit code 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such luck", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["log"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_record_nothing_runs() => Assert.Empty(await new ProcessRecord(_folder["none/processes.json"]).StopAsync(TimeProvider.System));

    private static async Task<DemoException> UntilEndedAsync(BackgroundProcess process)
    {
        while (true)
        {
            try
            {
                process.ThrowIfEnded();
                await Task.Delay(20);
            }
            catch (DemoException error)
            {
                return error;
            }
        }
    }
}
