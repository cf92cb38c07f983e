using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using k8s;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// What clients notice of a backbone that grows: four skills are learnt, then it becomes a layer deeper and a quarter wider under requests at a steady rate, and another growth fails its
/// gate. The real operator, trainer and router; the sandbox is the cluster.
/// </summary>
internal static class GrowthTraffic
{
    private const int Skills = 4;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(20);

    public static async Task<int> RunAsync(Settings settings)
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var process = await OperatorProcess.StartAsync(cluster.KubeConfig);
        await cluster.Kubectl.ApplyAsync(Manifests.All(
            [Manifests.Store, Manifests.Backbone(stub: false, training: $"recipe: {{steps: {settings.Number("steps", 150)}}}", more: "lora: {rank: 4, largestRank: 4}"),
            .. Enumerable.Range(1, Skills).Select(skill => Manifests.Skill($"skill-{skill}", seed: skill, more: "novelty: {mode: Novel}"))]));
        await new Resource(cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady() && (int?)item.Status("experts") == Skills, _patience, $"{Skills} experts");
        Console.WriteLine($"{Skills} skills are served");

        var service = await cluster.Client.CoreV1.ReadNamespacedServiceAsync("tiny-router", "default");
        await using var load = RequestLoad.Start(new Uri($"http://{service.Spec.ClusterIP}:{service.Spec.Ports[0].Port}"), new LoadOptions
        {
            PerSecond = settings.Number("rate", 5),
            Models = ["tiny", "tiny:skill-1", "tiny:@backbone", "tiny:skill-4"],
            Prompt = index => $"skill-{1 + (index % Skills)} {index} ->",
        });
        var start = TimeProvider.System.GetTimestamp();
        var adopted = await GrowAsync(cluster, "larger", "operators: [{operator: InsertLayers}, {operator: WidenFeedForward, percent: 25}]");
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var revision = await RevisionAsync(cluster);
        var refused = await GrowAsync(cluster, "noisy", "operators: [{operator: WidenFeedForward, percent: 25}], noise: '5'");
        var report = await load.StopAsync();

        var isUnchanged = revision == await RevisionAsync(cluster);
        Console.WriteLine();
        Console.WriteLine("| growth | ended as | weights | function error | divergence | experts |");
        Console.WriteLine("|---|---|---|---:|---:|---:|");
        Print("a layer and 25 % of the feed-forward width", adopted);
        Print("25 % of the width and noise of five times its spread", refused);
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"adopted after {seconds:0} s; {adopted.Conditions().Single(condition => condition.Type == "Validated").Message}"));
        Console.WriteLine($"what is served after the refusal is {(isUnchanged ? "what was served before it" : "another set")}");
        Traffic.Print(report);
        return report.Failed + report.Open == 0 && adopted.Has("Adopted", "True") && refused.Has("Ready", "False", "DivergenceTooLarge") && isUnchanged ? 0 : 1;
    }

    private static async Task<JsonObject> GrowAsync(TestCluster cluster, string name, string spec)
    {
        await cluster.Kubectl.ApplyAsync(Manifests.Growth(name, spec));
        var ended = (await new Resource(cluster.Client, "growths").UntilAsync(name, item => item.Has("Ready", "True") || item.Has("Ready", "False"), _patience, "an end"))!;
        Console.WriteLine($"{name}: {string.Join("; ", ended.Conditions().Select(condition => $"{condition.Type}={condition.Status} {condition.Reason}"))}");
        return ended;
    }

    private static async Task<string> RevisionAsync(TestCluster cluster) => (string)(await new Resource(cluster.Client, "backbones").FindAsync("tiny")).Status("activeRevision")!;

    private static void Print(string what, JsonObject growth) =>
        Console.WriteLine($"| {what} | {growth.Conditions().Single(condition => condition.Type == "Ready").Reason} | {growth.Status("parametersBefore")} -> {growth.Status("parametersAfter")} | {growth.Status("functionError")} | {growth.Status("divergence")} | {growth.Status("migrated") ?? "-"} |");
}
