using DyLoraMoe.Operator.Tests.World;
using DyLoraMoe.Operator.Traffic;

namespace DyLoraMoe.Operator.Tests.Traffic;

public sealed class RouterTrafficTests
{
    [Fact]
    public void A_page_tells_the_share_of_each_expert_and_how_many_prompts_it_is_made_of()
    {
        var traffic = RouterTraffic.Parse(FakeNetwork.Page(12, ("clock", 0.61), ("units", 1e-5), ("(backbone)", 0.38999)));

        Assert.Equal(12, traffic!.Prompts);
        Assert.Equal(new Dictionary<string, double> { ["clock"] = 0.61, ["units"] = 1e-5, ["(backbone)"] = 0.38999 }, traffic.Shares);
    }

    [Fact]
    public void A_router_looks_back_on_its_latest_prompts_only() => Assert.Equal(1024, RouterTraffic.Parse(FakeNetwork.Page(5000))!.Prompts);

    [Theory]
    [InlineData("")]
    [InlineData("<html>Not found</html>")]
    [InlineData("dylora_router_expert_share{expert=\"a\"} 0.5\n")]
    [InlineData("dylora_router_prompt_seconds_count many\n")]
    [InlineData("dylora_router_prompt_seconds_count -1\n")]
    [InlineData("dylora_router_prompt_seconds_count NaN\n")]
    [InlineData("dylora_router_prompt_seconds_count 1e999\n")]
    [InlineData("dylora_router_prompt_seconds_count 1\ndylora_router_expert_share{expert=\"a\"} NaN\n")]
    [InlineData("dylora_router_prompt_seconds_count 1\ndylora_router_expert_share{expert=\"a\"} 1.5\n")]
    [InlineData("dylora_router_prompt_seconds_count 1\ndylora_router_expert_share{expert=\"a\"} -0.5\n")]
    [InlineData("dylora_router_prompt_seconds_count 1\ndylora_router_expert_share{expert=\"a\n")]
    public void What_no_router_writes_tells_nothing(string page) => Assert.Null(RouterTraffic.Parse(page));

    [Fact]
    public void A_router_weighs_as_many_prompts_as_it_had()
    {
        var shares = RouterTraffic.Mean([Of(30, ("clock", 1)), Of(10, ("clock", 0.5), ("units", 0.5)), Of(0, ("units", 1))])!;

        Assert.Equal(0.875, shares["clock"], 1e-9);
        Assert.Equal(0.125, shares["units"], 1e-9);
    }

    [Fact]
    public void Without_prompts_there_is_no_share()
    {
        Assert.Null(RouterTraffic.Mean([]));
        Assert.Null(RouterTraffic.Mean([Of(0, ("clock", 0))]));
    }

    private static RouterTraffic Of(double prompts, params IEnumerable<(string Expert, double Share)> shares) =>
        new(prompts, shares.ToDictionary(share => share.Expert, share => share.Share));
}
