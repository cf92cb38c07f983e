using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class DeparturesTests
{
    private readonly Clock _clock = new();
    private readonly Departures _departures;

    public DeparturesTests() => _departures = new Departures(_clock);

    [Fact]
    public void As_many_as_left_lately_take_as_long_again_within_a_second_and_a_minute()
    {
        Leave(10, TimeSpan.FromSeconds(2));

        Assert.Equal(10, SecondsFor(5));
        Assert.Equal(20, SecondsFor(10));
        Assert.Equal(1, SecondsFor(0));
        Assert.Equal(60, SecondsFor(1000));
    }

    [Fact]
    public void Many_that_leave_at_once_are_those_of_a_second()
    {
        Leave(100, TimeSpan.Zero);

        Assert.Equal(3, SecondsFor(300));
    }

    [Fact]
    public void Where_nothing_left_for_a_minute_a_minute_it_is()
    {
        Assert.Equal(60, SecondsFor(1));
        Leave(10, TimeSpan.FromSeconds(1));
        _clock.Now += TimeSpan.FromSeconds(70);
        Assert.Equal(60, SecondsFor(1));
    }

    private double SecondsFor(int waiting) => _departures.TimeFor(waiting).TotalSeconds;

    private void Leave(int count, TimeSpan apart)
    {
        for (var each = 0; each < count; each++)
        {
            _departures.Add();
            _clock.Now += apart;
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
