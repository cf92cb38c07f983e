using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.ClusterHarness;
using DyLoraMoe.Core.Safetensors;
using k8s;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// What clients notice of a cluster that learns: requests at a steady rate go through the Service while sets are rolled and rolled back, then for a long
/// time with all kinds of clients, some of which give up. The real operator, trainer and router; the sandbox is the cluster.
/// </summary>
internal static class Traffic
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _warmUp = TimeSpan.FromMinutes(3);

    public static async Task<int> RunAsync(Settings settings)
    {
        var (rolls, rollBacks, minutes, rate) = (settings.Number("rolls", 10), settings.Number("rollbacks", 3), settings.Number("minutes", 30), settings.Number("rate", 20));
        await using var cluster = await TestCluster.StartAsync();
        await using var process = await OperatorProcess.StartAsync(cluster.KubeConfig);
        await cluster.Kubectl.ApplyAsync(Manifests.All(
            Manifests.Store, Manifests.Backbone(stub: false, training: "recipe: {steps: 20}", more: "lora: {rank: 4, largestRank: 4, mode: Full}")));
        await RolledOutAsync(cluster, "a bare backbone");
        var service = await cluster.Client.CoreV1.ReadNamespacedServiceAsync("tiny-router", "default");
        var address = new Uri($"http://{service.Spec.ClusterIP}:{service.Spec.Ports[0].Port}");

        var ofRolls = await RollAsync(cluster, address, rolls, rollBacks, rate);
        Console.WriteLine(FormattableString.Invariant($"{rolls} rolls and {rollBacks} roll backs under {rate} requests a second"));
        Print(ofRolls);
        if (minutes == 0)
        {
            return ofRolls.Failed == 0 ? 0 : 1;
        }

        var ofLoad = await LoadAsync(cluster, address, minutes, rate, settings.Text("plots", ""));
        return ofRolls.Failed + ofLoad.Failed + ofLoad.Open == 0 ? 0 : 1;
    }

    private static async Task<LoadReport> RollAsync(TestCluster cluster, Uri address, int rolls, int rollBacks, int rate)
    {
        await using var load = RequestLoad.Start(address, new LoadOptions { PerSecond = rate });
        for (var skill = 1; skill <= rolls; skill++)
        {
            await cluster.Kubectl.ApplyAsync(Manifests.Skill($"skill-{skill}", seed: skill, more: "novelty: {mode: Novel}"));
            await RolledOutAsync(cluster, $"a set with {skill} experts", backbone => (int?)backbone.Status("experts") == skill);
            Progress($"rolled out with {skill} of {rolls} skills", load);
        }

        for (var back = 1; back <= rollBacks; back++)
        {
            var backbone = await new Resource(cluster.Client, "backbones").FindAsync("tiny");
            var (newest, previous) = ((string)backbone.Status("activeRevision")!, (string)backbone.Status("previousRevision")!);
            await PinAsync(cluster, previous);
            await RolledOutAsync(cluster, "the set before", each => (string?)each.Status("activeRevision") == previous);
            Progress($"rolled back {back} of {rollBacks} times", load);
            await PinAsync(cluster, null);
            await RolledOutAsync(cluster, "the newest set", each => (string?)each.Status("activeRevision") == newest);
        }

        return await load.StopAsync();
    }

    private static async Task<LoadReport> LoadAsync(TestCluster cluster, Uri address, int minutes, int rate, string plots)
    {
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"{minutes} minutes of {rate} requests a second: routed, forced to an expert, bare; greedy and not; one of seven given up by its client"));
        var options = new LoadOptions
        {
            PerSecond = rate,
            Tokens = 32,
            CancelEvery = 7,
            Models = ["tiny", "tiny:skill-1", "tiny:@backbone", "tiny", "tiny:skill-2"],
            Prompt = index => string.Create(CultureInfo.InvariantCulture, $"skill-{index % 10} {index} {new string('x', index * 31 % 120)} ->"),
        };
        await FillAsync(address, options);
        var clock = TimeProvider.System.GetTimestamp();
        var memory = new List<(double Minutes, double Megabytes)>();
        await using var load = RequestLoad.Start(address, options);
        using var metrics = new HttpClient { BaseAddress = address };
        while (TimeProvider.System.GetElapsedTime(clock) is var passed && passed < TimeSpan.FromMinutes(minutes))
        {
            await Task.Delay(TimeSpan.FromSeconds(10));
            memory.Add((passed.TotalMinutes, await MetricAsync(metrics, "process_resident_memory_bytes") / 1e6));
            if (memory.Count % 6 == 0)
            {
                Progress(FormattableString.Invariant($"{passed.TotalMinutes:0} of {minutes} minutes, router {memory[^1].Megabytes:0} MB"), load);
            }
        }

        var report = await load.StopAsync();
        Print(report);
        if (plots.Length > 0)
        {
            Directory.CreateDirectory(plots);
            AtomicFile.WriteText(Path.Combine(plots, "memory.svg"), Charts.Lines("the router's memory, MB, against minutes of load", [("resident", memory)]));
        }

        var settled = memory.Where(reading => reading.Minutes >= Math.Min(_warmUp.TotalMinutes, minutes / 5.0)).Select(reading => reading.Megabytes).ToList();
        var (early, late) = (settled.Take(settled.Count / 5).DefaultIfEmpty().Average(), settled.TakeLast(settled.Count / 5).DefaultIfEmpty().Average());
        Console.WriteLine(FormattableString.Invariant($"router's memory after the first minutes {early:0} MB, at the end {late:0} MB: {(100 * late / early) - 100:+0.0;-0.0} %, at most {settled.Max():0} MB"));
        Console.WriteLine(FormattableString.Invariant($"left in the router: {await MetricAsync(metrics, "dylora_router_running"):0} running, {await MetricAsync(metrics, "dylora_router_waiting"):0} waiting"));
        return report;
    }

    // Keys and values of a batch that has been full for some hundred steps are the most that a router takes. By chance that is after a minute or after ten;
    // it is no leak, so here it comes first.
    private static async Task FillAsync(Uri address, LoadOptions options)
    {
        await using var burst = RequestLoad.Start(address, options with { PerSecond = 80 });
        await Task.Delay(TimeSpan.FromSeconds(8));
        await burst.StopAsync();
    }

    /// <summary>What came of requests, as tables.</summary>
    public static void Print(LoadReport report)
    {
        Console.WriteLine();
        Console.WriteLine("| sent | answered whole | given up by the client | failed or cut | still open |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        Console.WriteLine(FormattableString.Invariant($"| {report.Sent} | {report.Answered} | {report.Cancelled} | {report.Failed} | {report.Open} |"));
        Console.WriteLine();
        Console.WriteLine("| | p50 | p99 | longest |");
        Console.WriteLine("|---|---:|---:|---:|");
        Row("first event of a stream", report.FirstSeconds);
        Row("whole answer", report.Seconds);
        Console.WriteLine();
        foreach (var fault in report.Faults)
        {
            Console.WriteLine($"  {fault}");
        }

        static void Row(string name, IReadOnlyList<double> seconds) => Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {1000 * LoadReport.Percentile(seconds, 0.5):0} ms | {1000 * LoadReport.Percentile(seconds, 0.99):0} ms | {1000 * LoadReport.Percentile(seconds, 1):0} ms |"));
    }

    private static void Progress(string what, RequestLoad load)
    {
        var report = load.Report;
        Console.Error.WriteLine(FormattableString.Invariant($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {what}; {report.Answered} answered, {report.Failed} failed, {report.Open} open"));
    }

    private static async Task RolledOutAsync(TestCluster cluster, string what, Func<JsonObject, bool>? condition = null) =>
        await new Resource(cluster.Client, "backbones").UntilAsync(
            "tiny", backbone => backbone.IsReady() && backbone.Has("RolledOut", "True") && (condition?.Invoke(backbone!) ?? true), _patience, what);

    private static Task<string> PinAsync(TestCluster cluster, string? revision) =>
        cluster.Kubectl.RunAsync("patch", "backbone", "tiny", "--type=merge", "-p", new JsonObject { ["spec"] = new JsonObject { ["serving"] = new JsonObject { ["revision"] = revision } } }.ToJsonString());

    private static async Task<double> MetricAsync(HttpClient http, string name)
    {
        var page = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = page.Split('\n').First(each => each.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
