using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>
/// What is to be done is known by a hash of the spec. A version that hashes the same spec otherwise, for one by a new field that is not null, has every Growth grow its
/// backbone once more and every night begin anew: leave what is at its default out of the hash then. What a job is for is known by a hash too, and one that runs is
/// stopped where that is another.
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

    [Fact]
    public async Task The_same_candidate_is_the_same_in_every_version()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Work.Trouble = request => request.Kind == JobKind.Check ? (Reasons.JobFailed, "The check cannot be done.") : null;
        world.Learn("sum");
        await world.SettleAsync();

        var (active, terms) = (world.Backbone.Status.ActiveRevision, RefusalTerms.Of(world.Backbone));
        var candidate = world.Work.Requests.Last(request => request.Kind == JobKind.Check).Check!.Candidate;
        Assert.Equal(2, candidate.Experts.Count);
        Assert.Contains(Hash.Of(string.Join(',', candidate.Experts.Select(member => $"{member.Name}@{member.Digest}")), active, terms), Inputs(JobKind.FitRouter));
        Assert.Contains(Hash.Of(candidate.ComputeRevision(), active, terms), Inputs(JobKind.Check));

        IEnumerable<string?> Inputs(JobKind kind) => world.Server.All<V1ConfigMap>().Where(map => map.Tag(Labels.JobKind) == kind.ToString()).Select(map => map.Note(Annotations.InputHash));
    }
}
