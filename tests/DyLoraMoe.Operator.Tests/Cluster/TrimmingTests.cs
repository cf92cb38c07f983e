using DyLoraMoe.Api;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Cluster;

/// <summary>What a cache keeps of ConfigMaps: the operator's own sets by what they mean, of other people's only which data there were.</summary>
public sealed class TrimmingTests
{
    private const string Expert = """{"name": "clock", "digest": "sha256:1", "version": 1, "mode": "Activated", "rank": 4, "maturity": 1}""";
    private const string Whole = $$"""{"backbone": {"name": "tiny"}, "experts": [{{Expert}}]}""";

    [Theory]
    [InlineData(SetRevision.FileName)]
    [InlineData("ledger.json")]
    public void Other_peoples_maps_are_known_by_a_digest_whatever_their_keys(string key)
    {
        var (one, other) = (Map(key, "{}"), Map(key, "{ }"));

        (one, other) = (Trimming.ConfigMap(one), Trimming.ConfigMap(other));

        Assert.Null(one.Data);
        Assert.NotEqual(Trimming.FingerprintOf(one), Trimming.FingerprintOf(other));
    }

    [Fact]
    public void A_set_of_the_operators_own_is_kept_as_what_it_means()
    {
        var map = Trimming.ConfigMap(Ours(Map(SetRevision.FileName, Whole)));

        Assert.Equal("", map.Data[SetRevision.FileName]);
    }

    [Theory]
    [InlineData($$"""{"backbone": {"name": "tiny"}, "experts": [{{Expert}}, {{Expert}}]}""")]
    [InlineData("""{"backbone": {"name": "tiny"}, "experts": [null]}""")]
    [InlineData("""{"backbone": {"name": "tiny"}, "experts": [{"name": null}]}""")]
    [InlineData("""{"backbone": {"name": "tiny"}, "experts": null}""")]
    [InlineData("""{"backbone": null}""")]
    [InlineData("null")]
    [InlineData("no JSON")]
    public void A_set_that_says_null_or_a_name_twice_is_none(string document)
    {
        var broken = Trimming.ConfigMap(Ours(Map(SetRevision.FileName, document)));

        Assert.Equal(document, broken.Data[SetRevision.FileName]);
        Assert.Equal("", Trimming.ConfigMap(Ours(Map(SetRevision.FileName, Whole))).Data[SetRevision.FileName]);
    }

    [Theory]
    [InlineData("""{"maturity": null}""")]
    [InlineData("""{"maturity": {"clock": null}}""")]
    [InlineData("""{"learned": null}""")]
    [InlineData("""{"learned": {"clock": null}}""")]
    [InlineData("""{"learned": {"clock": [null]}}""")]
    [InlineData("""{"grownFrom": null}""")]
    [InlineData("""{"grownFrom": [null]}""")]
    public void A_set_of_which_something_is_known_to_be_null_is_none(string facts)
    {
        var broken = Ours(Map(SetRevision.FileName, Whole));
        broken.Data[SetFacts.FileName] = facts;

        Assert.Equal(Whole, Trimming.ConfigMap(broken).Data[SetRevision.FileName]);
    }

    private static V1ConfigMap Map(string key, string document) => new()
    {
        Metadata = new() { Name = "map", NamespaceProperty = "team" },
        Data = new Dictionary<string, string> { [key] = document },
    };

    private static V1ConfigMap Ours(V1ConfigMap map)
    {
        map.Metadata.Labels = CommonLabels.Of("tiny", "set");
        return map;
    }
}
