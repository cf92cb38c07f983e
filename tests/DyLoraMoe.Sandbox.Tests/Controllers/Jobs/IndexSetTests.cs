using DyLoraMoe.Sandbox.Controllers.Jobs;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Jobs;

public class IndexSetTests
{
    [Theory]
    [InlineData("", new int[0])]
    [InlineData("3", new[] { 3 })]
    [InlineData("0,2-5,7", new[] { 0, 2, 3, 4, 5, 7 })]
    public void Text_and_set_say_the_same(string text, int[] indexes)
    {
        Assert.Equal(indexes, IndexSet.Parse(text));
        Assert.Equal(text, IndexSet.Text(new SortedSet<int>(indexes)));
    }
}
