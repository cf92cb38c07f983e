using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Tests.Training;

public sealed class ConsoleProgressTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly ManualTime _time = new();

    [Fact]
    public void Off_a_terminal_at_most_four_plain_lines_a_minute_appear()
    {
        var console = new ConsoleProgress(_output, isTerminal: false, _time);

        console.Report(Progress(ProgressKind.Started, 0));
        for (var step = 1; step <= 600; step++)
        {
            _time.Now += TimeSpan.FromSeconds(0.1);
            console.Report(Progress(ProgressKind.Stepped, step));
        }

        console.Report(Progress(ProgressKind.Finished, 600));

        var lines = Lines();
        Assert.InRange(lines.Length, 3, 6);
        Assert.DoesNotContain("\r", _output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("finished", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_steps_share_one_line()
    {
        var console = new ConsoleProgress(_output, isTerminal: true, _time);

        console.Report(Progress(ProgressKind.Started, 0));
        for (var step = 1; step <= 5; step++)
        {
            _time.Now += TimeSpan.FromSeconds(1);
            console.Report(Progress(ProgressKind.Stepped, step));
        }

        console.Report(Progress(ProgressKind.Finished, 5));

        Assert.Equal(2, Lines().Length);
        Assert.Equal(6, _output.ToString().Count(character => character == '\r'));
    }

    [Fact]
    public void A_line_tells_loss_speed_rate_and_time_left()
    {
        new ConsoleProgress(_output, isTerminal: false, _time).Report(Progress(ProgressKind.Stepped, 30));

        Assert.Equal("step 30/600 · seeding · loss 1.2346 · held-out 1.5000 · 12,345 tokens/s · rate 2.0e-3 · ETA 1:30", Assert.Single(Lines()));
    }

    public void Dispose() => _output.Dispose();

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static TrainingProgress Progress(ProgressKind kind, int step) => new()
    {
        Kind = kind,
        Phase = TrainingPhase.Seeding,
        Step = step,
        TotalSteps = 600,
        Fraction = step / 600.0,
        Tokens = step * 100,
        Loss = 1.23456,
        ValidationLoss = 1.5,
        TokensPerSecond = 12345,
        Remaining = TimeSpan.FromSeconds(90),
        Rate = 2e-3,
    };

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
