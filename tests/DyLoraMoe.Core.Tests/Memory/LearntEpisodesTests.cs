using DyLoraMoe.Core.Memory;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class LearntEpisodesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_come_back_once_each_and_in_order()
    {
        LearntEpisodes.Save(_folder.FullPath, ["b", "a", "b"]);

        Assert.Equal(["a", "b"], LearntEpisodes.Read(_folder.FullPath));
    }

    [Fact]
    public void An_expert_without_episodes_has_no_file()
    {
        LearntEpisodes.Save(_folder.FullPath, []);

        Assert.Empty(Directory.GetFiles(_folder.FullPath));
        Assert.Empty(LearntEpisodes.Read(_folder.FullPath));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("null")]
    [InlineData("[\"a\"")]
    public void What_is_no_list_of_names_is_refused_with_its_place(string text)
    {
        File.WriteAllText(_folder["episodes.json"], text);

        Assert.Contains(_folder["episodes.json"], Assert.Throws<InvalidDataException>(() => LearntEpisodes.Read(_folder.FullPath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("horse", " horse\nQ: another", true)]
    [InlineData(" horse ", "horse", true)]
    [InlineData("horse", "horses", false)]
    [InlineData("a\nb", " a\nb", true)]
    [InlineData("a\nb", "a", false)]
    public void An_answer_of_one_line_is_judged_by_the_first_line(string answer, string said, bool isSaid) =>
        Assert.Equal(isSaid, Episodes.Of("What?", answer, "u").IsSaidBy(said));
}
