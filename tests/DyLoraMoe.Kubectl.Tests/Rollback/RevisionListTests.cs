using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Rollback;

namespace DyLoraMoe.Kubectl.Tests.Rollback;

public sealed class RevisionListTests
{
    [Fact]
    public void An_arrow_points_at_the_one_that_was_served_before() => Assert.Equal(
        [
            "   cccccccccc  given up    2m  bad v1",
            "   bbbbbbbbbb  active      5m  reverse v1  pinned",
            "-> aaaaaaaaaa  previous    2h  the bare backbone",
        ],
        RevisionList.Lines(
            Objects.Backbone(backbone => backbone.Spec.Serving.Revision = Objects.Revision('b')),
            [Objects.Set('a', 130), Objects.Set('c', 2, "no", "bad"), Objects.Set('b', 5, null, "reverse")],
            Objects.Now));

    [Fact]
    public void Where_the_backbone_has_grown_each_revision_says_what_it_is_on() => Assert.Equal(
        [
            "   bbbbbbbbbb  active      5m  reverse v2  on grown weights 2222222222",
            "-> aaaaaaaaaa  previous    2h  reverse v1  on the source's weights",
        ],
        RevisionList.Lines(Objects.Backbone(), [Objects.Set('a', 130, null, "reverse"), Second()], Objects.Now));

    [Fact]
    public void A_roll_back_over_a_growth_says_that_the_backbone_goes_back_too()
    {
        var (before, after) = (Objects.Set('a', 130, null, "reverse"), Second());

        Assert.Equal(" It is on the source's weights, those that are served now are grown weights 2222222222: the backbone goes back with its experts.", RevisionList.Moves(Objects.Backbone(), [before, after], before));
        Assert.Equal("", RevisionList.Moves(Objects.Backbone(), [before, after], after));
        Assert.Equal("", RevisionList.Moves(Objects.Backbone(), [before], before));
    }

    [Fact]
    public void Without_a_previous_one_the_newest_that_was_not_given_up_is_meant()
    {
        var backbone = Objects.Backbone(each => each.Status.PreviousRevision = null);

        Assert.Equal(Objects.Revision('a'), RevisionList.Previous(backbone, [Objects.Set('c', 30, "no"), Objects.Set('a', 130), Objects.Set('b', 5)])!.Revision);
        Assert.Null(RevisionList.Previous(backbone, [Objects.Set('b', 5)]));
    }

    [Theory]
    [InlineData("aaaa")]
    [InlineData("sha256:aaaaaa")]
    [InlineData("tiny-set-aaaaaaaaaa")]
    public void A_revision_is_found_by_its_first_digits_or_its_config_map(string wanted) =>
        Assert.Equal(Objects.Revision('a'), RevisionList.Find(Objects.Backbone(), [Objects.Set('a', 1), Objects.Set('b', 2)], wanted).Revision);

    [Theory]
    [InlineData("aaa")]
    [InlineData("ffff")]
    public void One_that_is_not_kept_is_told_with_those_that_are(string wanted) =>
        Assert.Contains("it keeps aaaaaaaaaa, bbbbbbbbbb", Assert.Throws<PluginException>(() => RevisionList.Find(Objects.Backbone(), [Objects.Set('a', 1), Objects.Set('b', 2)], wanted)).Message, StringComparison.Ordinal);

    private static StoredSet Second()
    {
        var set = Objects.Grown(Objects.Set('b', 5, null, "reverse"));
        return set with { Set = set.Set with { Experts = [set.Set.Experts[0] with { Version = 2 }] } };
    }
}
