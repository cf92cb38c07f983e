using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Artifacts.S3;

namespace DyLoraMoe.Artifacts.Tests.S3;

/// <summary>A bucket whose policy allows less than all, or a store that knows less: what can be done without is done.</summary>
public sealed class S3RightsTests(S3Fixture fixture)
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, true, Fault.Unknown)]
    internal async Task A_large_file_is_sent_where_uploads_or_their_parts_may_not_be_listed(bool deniesUploads, bool deniesParts, Fault answer = Fault.Denied)
    {
        await using var world = await S3World.StartAsync(fixture);
        world.Faults.Decide = call => (deniesUploads && call.IsListOfUploads) || (deniesParts && call.IsListOfParts) ? answer : Fault.None;

        var digest = world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files());

        Assert.Equal(5, world.Faults.Calls.Count(call => call.IsPart));
        Assert.Equal(digest, ArtifactDigest.OfFolder(world.Machine().Artifacts().Open(ArtifactKind.Expert, digest)));
    }

    [Fact]
    public async Task An_upload_that_was_just_begun_is_not_asked_for_its_parts()
    {
        await using var world = await S3World.StartAsync(fixture);

        world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files());

        Assert.DoesNotContain(world.Faults.Calls, call => call.IsListOfParts);
    }

    [Fact]
    public async Task An_upload_that_was_cut_is_sent_from_its_beginning_where_its_parts_may_not_be_listed()
    {
        await using var world = await S3World.StartAsync(fixture);
        CutUpload(world);
        world.Faults.Decide = call => call.IsListOfParts ? Fault.Denied : Fault.None;
        var before = world.Faults.Calls.Count(call => call.IsPart);

        var digest = world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files());

        Assert.Equal(5, world.Faults.Calls.Count(call => call.IsPart) - before);
        Assert.Equal(digest, ArtifactDigest.OfFolder(world.Machine().Artifacts().Open(ArtifactKind.Expert, digest)));
        Assert.Empty(world.Bucket().Uploads(""));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("abort")]
    [InlineData("list", Fault.Unknown)]
    internal async Task Uploads_that_may_not_be_given_up_stay_and_all_else_that_was_abandoned_goes(string denied, Fault answer = Fault.Denied)
    {
        await using var world = await S3World.StartAsync(fixture);
        CutUpload(world);
        world.Faults.Decide = call => (denied == "list" ? call.IsListOfUploads : call.IsAbort) ? answer : Fault.None;
        var said = new List<string>();

        // Patient, since one that is late, as a busy machine makes it, leaves the rest to the next.
        var (removed, _) = world.Machine(isFaulty: true, S3World.Hasty with { LeasePatience = TimeSpan.FromMinutes(1) }).Artifacts().RemoveAbandoned(DateTimeOffset.MaxValue, said.Add);

        Assert.Equal(1, removed);
        Assert.Empty(world.Bucket().List("experts/"));
        Assert.Single(world.Bucket().Uploads(""));
        var line = Assert.Single(said);
        Assert.StartsWith("uploads that were begun and not ended stay: ", line, StringComparison.Ordinal);
        Assert.Contains(answer == Fault.Denied ? "list and abort its uploads" : "not implemented", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_list_the_bucket_hears_all_that_has_to_be_allowed()
    {
        await using var world = await S3World.StartAsync(fixture);
        world.Faults.Decide = _ => Fault.Denied;

        var error = Assert.Throws<S3Exception>(() => world.Machine(isFaulty: true, S3World.Hasty).Artifacts().List(ArtifactKind.Expert));

        Assert.Equal((Reasons.AccessDenied, true), (error.Reason, error.IsPermanent));
        Assert.Contains("to list the bucket, to get, put and delete its objects, and to list and abort its uploads and list their parts.", error.Message, StringComparison.Ordinal);
    }

    // Three parts of the large file are there, and no list of the folder.
    private static void CutUpload(S3World world)
    {
        var parts = 0;
        world.Faults.Decide = call => call.IsPart && ++parts > 3 ? Fault.Reset : Fault.None;
        Assert.Throws<S3Exception>(() => world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files()));
        Assert.Single(world.Bucket().Uploads(""));
    }
}
