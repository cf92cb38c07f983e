using DyLoraMoe.Testing;

namespace DyLoraMoe.Artifacts.Tests;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_published_is_opened_by_its_digest()
    {
        var store = new ArtifactStore(_folder.FullPath);

        var digest = store.Publish(ArtifactKind.Expert, Files(("a.txt", "one"), ("sub/b.txt", "two")));

        var path = new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Expert, digest);
        Assert.Equal("two", File.ReadAllText(Path.Combine(path, "sub", "b.txt")));
        Assert.Equal([digest], store.List(ArtifactKind.Expert));
        Assert.Empty(store.List(ArtifactKind.Router));
    }

    [Fact]
    public void Equal_content_has_one_name_whatever_the_order_and_the_time_of_writing()
    {
        var store = new ArtifactStore(_folder.FullPath);

        var first = store.Publish(ArtifactKind.Dataset, Files(("a", "1"), ("b", "2")));
        var second = store.Publish(ArtifactKind.Dataset, Files(("b", "2"), ("a", "1")));
        var other = store.Publish(ArtifactKind.Dataset, Files(("a", "12"), ("b", "")));

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.Equal(2, store.List(ArtifactKind.Dataset).Count);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("removed")]
    [InlineData("added")]
    public void A_damaged_artifact_is_an_error_that_names_it(string damage)
    {
        var digest = new ArtifactStore(_folder.FullPath).Publish(ArtifactKind.Expert, Files(("a", "1"), ("b", "2")));
        var path = new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Expert, digest);
        switch (damage)
        {
            case "changed": File.WriteAllText(Path.Combine(path, "a"), "x"); break;
            case "removed": File.Delete(Path.Combine(path, "a")); break;
            default: File.WriteAllText(Path.Combine(path, "c"), "x"); break;
        }

        var error = Assert.Throws<ArtifactException>(() => new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Expert, digest));

        Assert.Contains(digest, error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Publishing_again_heals_a_damaged_artifact()
    {
        var store = new ArtifactStore(_folder.FullPath);
        var digest = store.Publish(ArtifactKind.Expert, Files(("a", "1")));
        File.WriteAllText(Path.Combine(store.Open(ArtifactKind.Expert, digest), "a"), "x");

        var again = new ArtifactStore(_folder.FullPath).Publish(ArtifactKind.Expert, Files(("a", "1")));

        Assert.Equal(digest, again);
        Assert.Equal("1", File.ReadAllText(Path.Combine(new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Expert, digest), "a")));
    }

    [Fact]
    public void A_failed_publication_leaves_nothing_behind()
    {
        var store = new ArtifactStore(_folder.FullPath);

        Assert.Throws<IOException>(() => store.Publish(ArtifactKind.Expert, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), "1");
            throw new IOException("the disk is full");
        }));

        Assert.Empty(Directory.EnumerateFiles(_folder.FullPath, "*", SearchOption.AllDirectories));
        Assert.Empty(store.List(ArtifactKind.Expert));
    }

    [Fact]
    public void Many_publishers_of_the_same_content_agree()
    {
        var digests = new string[16];

        Parallel.For(0, digests.Length, index => digests[index] = new ArtifactStore(_folder.FullPath).Publish(ArtifactKind.Set, Files(("a", new string('x', 10_000)))));

        Assert.Single(digests.Distinct());
        new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Set, digests[0]);
    }

    [Fact]
    public void What_is_removed_is_gone_and_removing_it_again_is_no_error()
    {
        var store = new ArtifactStore(_folder.FullPath);
        var digest = store.Publish(ArtifactKind.Router, Files(("a", "1")));

        store.Remove(ArtifactKind.Router, digest);
        store.Remove(ArtifactKind.Router, digest);

        Assert.False(store.Contains(ArtifactKind.Router, digest));
        Assert.Contains("restore it", Assert.Throws<ArtifactException>(() => store.Open(ArtifactKind.Router, digest)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha256:../../../etc")]
    [InlineData("")]
    [InlineData("sha256:ABCDEF")]
    public void Only_digests_become_paths(string digest) =>
        Assert.Throws<ArtifactException>(() => new ArtifactStore(_folder.FullPath).Open(ArtifactKind.Set, digest));

    private static Action<string> Files(params (string Name, string Text)[] files) => folder =>
    {
        foreach (var (name, text) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    };
}
