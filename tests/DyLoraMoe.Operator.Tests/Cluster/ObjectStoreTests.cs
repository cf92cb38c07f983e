using DyLoraMoe.Operator.Cluster;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Cluster;

/// <summary>What a cache tells its listeners.</summary>
public sealed class ObjectStoreTests
{
    private readonly ObjectStore<V1ConfigMap> _store = new();
    private readonly List<string> _told = [];

    public ObjectStoreTests() => _store.Changed += (old, now) => _told.Add($"{old?.Metadata.ResourceVersion ?? "none"} to {now?.Metadata.ResourceVersion ?? "none"}");

    [Fact]
    public void A_change_that_was_known_from_the_answer_to_a_write_is_told_when_the_watch_sees_it()
    {
        _store.Replace([Map(5)], "5");
        _store.Wrote(Map(7));
        Assert.Equal("7", _store.Find("a", "map")!.Metadata.ResourceVersion);

        _store.Watched(Map(7));

        Assert.Equal(["none to 5", "5 to 7"], _told);
    }

    [Fact]
    public void An_object_that_was_known_from_the_answer_to_its_creation_is_told_as_new()
    {
        _store.Replace([], "5");
        _store.Wrote(Map(6));
        _store.Watched(Map(6));

        Assert.Equal(["none to 6"], _told);
    }

    [Fact]
    public void Versions_that_the_watch_sees_after_a_newer_answer_are_told_as_one_change()
    {
        _store.Replace([Map(5)], "5");
        _store.Wrote(Map(8));
        _store.Watched(Map(6));
        Assert.Equal("8", _store.Find("a", "map")!.Metadata.ResourceVersion);
        _store.Watched(Map(8));

        Assert.Equal(["none to 5", "5 to 8"], _told);
    }

    [Fact]
    public void A_list_tells_of_what_was_known_from_answers_alone_and_nothing_twice()
    {
        _store.Replace([Map(5)], "5");
        _store.Wrote(Map(7));
        _store.Replace([Map(7)], "9");
        _store.Replace([Map(7)], "10");

        Assert.Equal(["none to 5", "5 to 7"], _told);
    }

    [Fact]
    public void A_list_that_is_older_than_what_a_watch_has_told_is_of_a_server_that_was_put_back()
    {
        _store.Replace([Map(5)], "5");
        _store.Watched(Map(9));
        _store.Watched(Map(8, "later"));

        _store.Replace([Map(6)], "7");
        Assert.Equal(["6"], _store.All().Select(found => found.Metadata.ResourceVersion));
        Assert.Equal(["none to 5", "5 to 9", "none to 8", "8 to none", "9 to 6"], _told);

        _store.Watched(Map(8));
        Assert.Equal("8", _store.Find("a", "map")!.Metadata.ResourceVersion);
    }

    [Fact]
    public void Where_a_server_was_put_back_for_certain_nothing_newer_than_its_list_remains()
    {
        _store.Replace([Map(5)], "5");
        _store.Wrote(Map(7));
        _store.Wrote(Map(8, "later"));

        _store.Replace([Map(6)], "6", isPutBack: true);

        Assert.Equal(["6"], _store.All().Select(found => found.Metadata.ResourceVersion));
    }

    [Fact]
    public void What_an_owner_has_follows_every_change()
    {
        _store.Replace([Map(5, "b", "one"), Map(5, "a", "one"), Map(5, "c", "two")], "5");
        Assert.Equal(["a", "b"], Owned("one"));

        _store.Watched(Map(6, "b", "two"));
        _store.Wrote(Map(7, "d", "one", "two"));
        Assert.Equal(["a", "d"], Owned("one"));
        Assert.Equal(["b", "c", "d"], Owned("two"));

        _store.WatchedDeletion(Map(8, "a", "one"));
        _store.Replace([Map(6, "b", "two")], "9");
        Assert.Empty(Owned("one"));
        Assert.Equal(["b"], Owned("two"));
    }

    private IEnumerable<string> Owned(string uid) => _store.OwnedBy(uid).Select(found => found.Metadata.Name);

    private static V1ConfigMap Map(int version, string name, params string[] owners) => new()
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = "a",
            ResourceVersion = $"{version}",
            OwnerReferences = [.. owners.Select(uid => new V1OwnerReference { Uid = uid })],
        },
    };

    [Fact]
    public void A_deletion_is_told_with_what_was_told_before()
    {
        _store.Replace([Map(5)], "5");
        _store.Wrote(Map(7));
        _store.WatchedDeletion(Map(8));
        _store.Wrote(Map(7));

        Assert.Null(_store.Find("a", "map"));
        Assert.Equal(["none to 5", "5 to none"], _told);
    }

    private static V1ConfigMap Map(int version) => new() { Metadata = new() { NamespaceProperty = "a", Name = "map", Uid = "1", ResourceVersion = $"{version}" } };
}
