using DyLoraMoe.Crds;

namespace DyLoraMoe.Api.Tests.Crds;

public sealed class CommittedFilesTests
{
    [Fact]
    public void Committed_definitions_are_what_the_classes_give()
    {
        var folder = Path.Combine(Repository.Root, "crds");
        var written = Definitions.Write();

        Assert.Equal(written.Keys.Order(), Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        foreach (var (name, text) in written)
        {
            Assert.True(File.ReadAllText(Path.Combine(folder, name)) == text, $"crds/{name} differs from the classes: run make crds and commit what it changes.");
        }
    }
}
