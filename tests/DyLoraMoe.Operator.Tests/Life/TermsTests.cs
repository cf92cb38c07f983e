using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Growths;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>
/// What is to be done is known by a hash of the spec. A version that hashes the same spec otherwise, for one by a new field that is not null, has every Growth grow its
/// backbone once more and every night begin anew: leave what is at its default out of the hash then.
/// </summary>
public sealed class TermsTests
{
    [Fact]
    public void The_same_growth_is_the_same_in_every_version() => Assert.StartsWith(
        "6cc303ac5552d90de2447b4316e3396c",
        GrowthTerms.PlanOf(new()
        {
            Spec = new()
            {
                BackboneRef = new() { Name = "tiny" },
                Operators = [new() { Operator = GrowthOperators.WidenFeedForward, Percent = 25 }],
                Relearning = new(),
            },
        }),
        StringComparison.Ordinal);

    [Fact]
    public void The_same_night_is_the_same_in_every_version() => Assert.StartsWith(
        "03911809a56f53a6258da160a6c17d79",
        BeginRun.TermsOf(new() { Spec = new() { BackboneRef = new() { Name = "tiny" }, Schedule = "0 3 * * *", Episodes = new() { Expert = "facts" } } }),
        StringComparison.Ordinal);
}
