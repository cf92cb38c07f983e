using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>Prompts of a kind that nobody taught, asked of the real router with what the real trainer learnt.</summary>
public sealed class NovelTrafficTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    [Fact]
    [Trait("Length", "Long")]
    public async Task Prompts_of_a_new_kind_become_a_suspended_skill_that_a_person_can_complete()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var place = await TestNamespace.CreateAsync(cluster);
        await place.StartOperatorAsync(("DYLORA_TRAFFIC_SECONDS", "1"));
        var samples = Path.Combine(SharedFiles.RepositoryRoot, "config", "samples");
        await place.Kubectl.RunAsync("apply", "-f", Path.Combine(samples, "store.yaml"), "-f", Path.Combine(samples, "backbone.yaml"), "-f", Path.Combine(samples, "clock.yaml"));
        await place.Kubectl.RunAsync("patch", "backbone", "tiny", "--type=merge", "-p", """{"spec": {"novelty": {"proposals": {"maxPrompts": 20}}}}""");
        await place.Resource("skills").UntilAsync("clock", skill => skill.IsReady(), _patience, "the sample to be served");
        await place.Resource("backbones").UntilAsync("tiny", backbone => backbone.IsReady(), _patience, "routers that remember");

        await AskAsync(place, hour => $"Clock: {hour % 24:00}:{hour * 7 % 60:00} ->");
        var known = await place.CallAsync("tiny", "/v1/novelty");
        await AskAsync(place, index => $"Please count the {index} apples in basket number {index * 3} and tell me their total weight!");

        Assert.Equal((40, 0), ((int)known["requests"]!, (int)known["flags"]!));
        var skills = await place.Resource("skills").UntilAsync(all => all.Count == 2, _patience, "a skill that is proposed");
        var proposed = skills.Single(skill => (string)skill["metadata"]!["name"]! != "clock");
        Assert.True((bool)proposed["spec"]!["suspend"]!);
        var lines = ((string)proposed["spec"]!["data"]!["inline"]!).Split('\n');
        Assert.InRange(lines.Length, 16, 20);
        Assert.All(lines, line => Assert.StartsWith("Please count the", (string)JsonNode.Parse(line)!["prompt"]!, StringComparison.Ordinal));
    }

    private static Task<JsonNode> AskAsync(TestNamespace place, Func<int, string> prompt) =>
        place.CallAsync("tiny", "/v1/completions", new { model = "tiny", prompt = Enumerable.Range(0, 40).Select(prompt).ToArray(), max_tokens = 1 });
}
