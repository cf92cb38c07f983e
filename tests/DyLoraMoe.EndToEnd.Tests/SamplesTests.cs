using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>What a newcomer applies first, with the real trainer and the real router: nothing here is a stub.</summary>
public sealed class SamplesTests
{
    // The README promises it in ten minutes; on a busy machine this waits longer before it gives up.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(14);

    [Fact]
    [Trait("Length", "Long")]
    public async Task The_samples_become_mature_experts_that_are_served()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var place = await TestNamespace.CreateAsync(cluster);
        await place.StartOperatorAsync();

        await place.Kubectl.RunAsync("apply", "-f", Path.Combine(SharedFiles.RepositoryRoot, "config", "samples"));
        await place.Kubectl.RunAsync("patch", "backbone", "tiny", "--type=merge", "-p", """{"spec": {"serving": {"memory": {"persistentVolumeClaim": {"claimName": "experts", "path": "memory"}}}}}""");

        var skills = await place.Resource("skills").UntilAsync(all => all.Count >= 2 && all.All(skill => skill.IsReady()), _patience, "all samples to be ready");
        Assert.All(skills, skill => Assert.Equal("Novel", (string)skill.Status("novelty", "decision")!));
        var experts = await place.Resource("loraexperts").UntilAsync(
            all => all.Count == skills.Count && all.All(expert => expert.Has("Mature", "True") && expert.Has("Served", "True")), _patience, "mature experts that are served");
        Assert.All(experts, expert => Assert.True((int)expert.Status("maturityPercent")! > 0));

        var answer = await place.AskAsync("tiny", "Clock: 17:06 ->");

        Assert.Equal("5:06 pm", answer.Trim());

        // What a user tells is used at once, and in the weights the next morning.
        await place.CallAsync("tiny", "/v1/feedback", new { verdict = "bad", prompt = "Clock: noon ->", correction = " 12:00 pm", shared = true });
        Assert.Equal("12:00 pm", (await place.AskAsync("tiny", "Clock: noon ->")).Trim());

        await place.Kubectl.ApplyAsync(Manifests.Night("nightly", "schedule: '* * * * *', experts: [clock], budget: {tokens: 40000}, episodes: {expert: clock, leastScore: '0'}"));
        var night = await place.Resource("consolidations").UntilAsync("nightly", item => item.Status("run", "completionTime") is not null, _patience, "a run that has ended");
        Assert.Contains((string)night.Status("run", "outcome")!, new[] { "Admitted", "Refused", "Unchanged" });
        Assert.Equal("5:06 pm", (await place.AskAsync("tiny", "Clock: 17:06 ->")).Trim());
        await UntilTakenOverAsync(place);
        Assert.Equal("12:00 pm", (await place.AskAsync("tiny", "Clock: noon ->")).Trim());
        await place.Kubectl.RunAsync("delete", "sleep", "nightly");

        // The backbone becomes larger, and knows all that it knew.
        await place.Kubectl.ApplyAsync(Manifests.Growth("larger", "operators: [{operator: InsertLayers, at: 2}, {operator: WidenFeedForward, percent: 25}], gates: {divergence: '1e-6'}"));
        var growth = await place.Resource("growths").UntilAsync("larger", item => item.IsReady() || item.Has("Ready", "False"), _patience, "a larger backbone");
        Assert.True(growth.Has("Ready", "True", "BackboneAdopted"), growth.Status("conditions")?.ToJsonString());
        Assert.Equal("5:06 pm", (await place.AskAsync("tiny", "Clock: 17:06 ->")).Trim());
        Assert.Equal("12:00 pm", (await place.AskAsync("tiny", "Clock: noon ->")).Trim());

        RequireLeastRights(cluster);
    }

    // Nothing was refused to the operator and its jobs; jobs need to tell how far they are, and routers need nothing.
    private static void RequireLeastRights(TestCluster cluster)
    {
        var needed = cluster.NeededRights.Where(right => right.Resource.Length > 0).ToList();
        Assert.DoesNotContain(needed, right => !right.Allowed);
        Assert.DoesNotContain(needed, right => right.User.EndsWith("-router", StringComparison.Ordinal));
        Assert.All(needed.Where(right => right.User.EndsWith("-trainer", StringComparison.Ordinal)), right => Assert.Equal("patch dylora.dev/loraexperts/status", IdleRights.Text(right)));
    }

    // Every night is another set, and so another pod.
    private static async Task UntilTakenOverAsync(TestNamespace place)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (true)
        {
            try
            {
                if ((await place.CallAsync("tiny", "/v1/memory"))["data"]!.AsArray().Count == 0)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!limit.IsCancellationRequested)
            {
            }

            await Task.Delay(TimeSpan.FromSeconds(1), limit.Token);
        }
    }
}
