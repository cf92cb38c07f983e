using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Traffic;

namespace DyLoraMoe.Operator.Tests.Traffic;

public sealed class TrafficSharesTests
{
    private static readonly ObjectKey _backbone = new("team", "tiny");

    [Theory]
    [InlineData(null, 0.614, 61)]
    [InlineData(null, 0.615, 62)]
    [InlineData(null, 0, 0)]
    [InlineData(61, 0.6, 61)]
    [InlineData(61, 0.654, 61)]
    [InlineData(61, 0.66, 66)]
    [InlineData(61, 0.56, 56)]
    [InlineData(3, 0.006, 3)]
    [InlineData(3, 0.004, 0)]
    [InlineData(0, 0.007, 0)]
    [InlineData(0, 0.01, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(97, 1, 97)]
    [InlineData(95, 1, 100)]
    public void A_figure_changes_by_five_points_or_from_and_to_nothing(int? shown, double share, int next) =>
        Assert.Equal(next, Told(share).Next(Expert(), Status(shown)));

    [Fact]
    public void What_no_set_holds_has_no_share() => Assert.Null(Told(0.5).Next(Expert(), new() { TrafficSharePercent = 50 }));

    [Fact]
    public void What_nobody_told_of_keeps_its_figure()
    {
        var shares = Told(0.9);
        shares.Take([_backbone], Lookup());
        Assert.Equal(90, shares.Next(Expert(), Status(null)));

        // Another process, or an expert that routers do not have yet.
        Assert.Equal(40, new TrafficShares().Next(Expert(), Status(40)));
        Assert.Equal(40, shares.Next(Expert("other"), Status(40)));
    }

    [Fact]
    public void A_backbone_that_is_gone_is_forgotten()
    {
        var shares = Told(0.9);
        shares.Take([], Lookup());

        Assert.Null(shares.Next(Expert(), Status(null)));
    }

    [Fact]
    public void Routers_tell_of_their_own_backbone_only()
    {
        var shares = Told(0.9);
        shares.Take([_backbone, new("team", "other")], Lookup((new("team", "other"), new(1, new Dictionary<string, double> { ["clock"] = 0.1 }))));

        Assert.Equal(90, shares.Next(Expert(), Status(null)));
    }

    private static TrafficShares Told(double share)
    {
        var shares = new TrafficShares();
        shares.Take([_backbone], Lookup((_backbone, new(1, new Dictionary<string, double> { ["clock"] = share }))));
        return shares;
    }

    private static ILookup<ObjectKey, RouterTraffic> Lookup(params IEnumerable<(ObjectKey Backbone, RouterTraffic Traffic)> told) => told.ToLookup(each => each.Backbone, each => each.Traffic);

    private static LoraExpert Expert(string name = "clock") => new() { Metadata = new() { Name = name, NamespaceProperty = "team" }, Spec = new() { BackboneRef = new() { Name = "tiny" } } };

    private static LoraExpertStatus Status(int? shown) => new() { AdmittedDigest = "sha256:1", TrafficSharePercent = shown };
}
