using DyLoraMoe.Demo.Output;

namespace DyLoraMoe.Demo.Tests.Output;

public sealed class ScreenTests : IDisposable
{
    private static readonly Table _table = new(("NAME", 5), ("STAGE", 7));

    private readonly StringWriter _writer = new() { NewLine = "\n" };

    public void Dispose() => _writer.Dispose();

    [Fact]
    public void Without_a_terminal_only_rows_that_changed_are_lines()
    {
        var screen = new Screen(_writer, width: null);

        screen.Show(_table, [Row("clock", "Seeding"), Row("units", "Pending")]);
        screen.Show(_table, [Row("clock", "Seeding"), Row("units", "Seeding")]);

        Assert.Equal("NAME   STAGE\nclock  Seeding\nunits  Pending\nunits  Seeding\n", _writer.ToString());
        Assert.DoesNotContain('\u001b', _writer.ToString());
    }

    [Fact]
    public void On_a_terminal_the_table_is_drawn_over_itself_and_lines_come_above_it()
    {
        var screen = new Screen(_writer, width: 80);
        screen.Show(_table, [Row("clock", "Seeding")]);
        _writer.GetStringBuilder().Clear();

        screen.Line("news");

        Assert.Equal("\u001b[2F\u001b[Jnews\nNAME   STAGE\nclock  Seeding\n", _writer.ToString());
    }

    [Fact]
    public void On_a_terminal_no_line_wraps()
    {
        new Screen(_writer, width: 8).Show(_table, [Row("clock", "Seeding")]);

        Assert.Equal("NAME   \nclock  \n", _writer.ToString());
    }

    [Fact]
    public void A_table_that_was_left_is_not_erased()
    {
        var screen = new Screen(_writer, width: 80);
        screen.Show(_table, [Row("clock", "Seeding")]);
        screen.Leave();
        _writer.GetStringBuilder().Clear();

        screen.Line("below");

        Assert.Equal("below\n", _writer.ToString());
    }

    [Theory]
    [InlineData(0, ".......... 0%")]
    [InlineData(45, "####...... 45%")]
    [InlineData(100, "########## 100%")]
    public void A_bar_fills_with_the_percentage(int percent, string bar) => Assert.Equal(bar, Figures.Bar(percent));

    private static ScreenRow Row(string name, string stage) => new(name, [name, stage], stage);
}
