using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Testing;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>Everything in buckets, with the real trainer and the real router: nothing here is a stub but the bucket's owner.</summary>
public sealed class BucketTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_skill_from_a_bucket_is_learnt_into_a_bucket_and_served_and_what_is_wrong_with_another_is_said()
    {
        using var server = S3Server.Start("experts", "tickets");
        await PutAsync(server, "tickets/2026/one.jsonl", 0);
        await PutAsync(server, "tickets/2026/deep/two.jsonl", 1);
        await using var cluster = await TestCluster.StartAsync();
        await using var place = await TestNamespace.CreateAsync(cluster);
        var process = await place.StartOperatorAsync();

        await place.Kubectl.ApplyAsync(Manifests.All(Secret, Backbone(server), Skill(server, "echo", "tickets"), Skill(server, "lost", "nowhere")));

        var skills = place.Resource("skills");
        var lost = await skills.UntilAsync("lost", skill => skill.Has("DataResolved", "False", "BucketNotFound"), _patience, "BucketNotFound");
        Assert.False(lost.Has("Stalled", "True"));
        await skills.UntilAsync("echo", skill => skill.IsReady(), _patience, "Ready");
        var expert = Assert.Single(await place.Resource("loraexperts").ListAsync());
        var digest = ((string)expert.Status("artifact", "digest")!)["sha256:".Length..];
        Assert.NotEmpty((await place.AskAsync("tiny", "Echo: abc ->")).Trim());

        // As any tool of S3 sees it: a folder in PEFT's own layout.
        using var http = new HttpClient { BaseAddress = server.Address };
        Assert.Contains("r", await http.GetStringAsync(new Uri($"experts/team/tiny/experts/{digest}/adapter_config.json", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var everything = await place.Kubectl.RunAsync("get", "jobs,pods,deployments,configmaps,backbones,skills,loraexperts,events", "-o", "json");
        Assert.DoesNotContain(S3Server.Key, everything, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.Key, process.Output, StringComparison.Ordinal);
    }

    private static string Secret => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: s3}
        stringData: {AWS_ACCESS_KEY_ID: {{S3Server.Key}}, AWS_SECRET_ACCESS_KEY: {{S3Server.Key}} }
        """;

    private static string Backbone(S3Server server) => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Backbone
        metadata: {name: tiny}
        spec:
          source: {builtin: dylora-tiny}
          store: {s3: {bucket: experts, prefix: team/tiny, endpoint: "{{Endpoint(server)}}", credentialsSecretRef: {name: s3} } }
          lora: {rank: 4, largestRank: 4, mode: Full}
          training: {image: "{{TestCluster.ImageOf(stub: false)}}", recipe: {steps: 30} }
          serving: {image: "{{TestCluster.ImageOf(stub: false)}}" }
        """;

    private static string Skill(S3Server server, string name, string bucket) => $$"""
        apiVersion: dylora.dev/v1alpha1
        kind: Skill
        metadata: {name: {{name}} }
        spec:
          backboneRef: {name: tiny}
          novelty: {mode: Novel}
          data:
            s3: {bucket: {{bucket}}, prefix: "2026", endpoint: "{{Endpoint(server)}}", credentialsSecretRef: {name: s3} }
        """;

    private static string Endpoint(S3Server server) => server.Address.ToString().TrimEnd('/');

    private static async Task PutAsync(S3Server server, string key, int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 150)
            .Select(_ => string.Concat(Enumerable.Range(0, 3).Select(_ => (char)('a' + random.Next(26)))))
            .Select(letters => $$"""{"prompt": "Echo: {{letters}} ->", "answer": " {{letters}} again"}""");
        using var http = new HttpClient();
        using var content = new StringContent(string.Join('\n', rows));
        using var answer = await http.PutAsync(new Uri(server.Address, key), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
