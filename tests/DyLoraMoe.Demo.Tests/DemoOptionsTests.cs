namespace DyLoraMoe.Demo.Tests;

public sealed class DemoOptionsTests
{
    [Fact]
    public void State_is_kept_below_the_repository_unless_said_otherwise()
    {
        Assert.Equal("/repository/artifacts/demo", DemoOptions.Parse(["up", "--root", "/repository"], "/elsewhere")!.Folder);
        Assert.Equal("/elsewhere/sets", DemoOptions.Parse(["up", "--data", "sets"], "/elsewhere")!.Data);
        Assert.Equal("/elsewhere/there", DemoOptions.Parse(["down", "--folder", "there"], "/elsewhere")!.Folder);
    }

    [Theory]
    [InlineData()]
    [InlineData("sideways")]
    [InlineData("up", "down")]
    [InlineData("up", "--folder")]
    [InlineData("up", "--data")]
    [InlineData("up", "--folder", "")]
    public void What_makes_no_sense_is_refused(params string[] arguments) => Assert.Throws<FormatException>(() => DemoOptions.Parse(arguments, "/"));
}
