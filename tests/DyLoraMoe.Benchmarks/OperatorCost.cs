using System.Globalization;
using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Benchmarks;

/// <summary>What the operator takes: how soon it acts, what many skills cost, and what it does when there is nothing to do.</summary>
internal static class OperatorCost
{
    private static readonly TimeSpan _patience = TimeSpan.FromHours(1);

    public static async Task<int> RunAsync(Settings settings)
    {
        var (events, skills, minutes) = (settings.Number("events", 200), settings.Number("skills", 1000), settings.Number("minutes", 5));
        await using var cluster = await TestCluster.StartAsync();
        await using var api = await FaultyApi.StartAsync(cluster.KubeConfig, cluster.Folder["counted"]);
        var port = FreePort.Next();
        var process = await OperatorProcess.StartAsync(cluster.Folder["counted"], port: port);
        await using var leaders = new Leaders(process, cluster.Folder["counted"]);
        await cluster.Kubectl.ApplyAsync(Manifests.All(Manifests.Store, Manifests.Backbone(maxExperts: 1024, maxConcurrentJobs: 4)));
        await new Resource(cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady(), _patience, "Ready");

        Console.WriteLine("| what | measured | required |");
        Console.WriteLine("|---|---:|---:|");
        var latencies = await LatenciesAsync(cluster, api, events);
        Row($"event to first action, idle, p50 of {events}", $"{Percentile(latencies, 50):0} ms", "100 ms");
        Row("event to first action, idle, p99", $"{Percentile(latencies, 99):0} ms", "500 ms");

        var (reads, writes, settling, started) = (api.Reads, api.Writes, api.Calls.ToDictionary(), TimeProvider.System.GetTimestamp());
        await ApplyAllAsync(cluster, skills);
        await new Resource(cluster.Client, "skills").UntilAsync(all => all.Count(item => item.IsReady()) >= skills, _patience, "all skills to be ready");
        await new Resource(cluster.Client, "backbones").UntilAsync("tiny", item => item.IsReady() && (int)item.Status("experts")! == skills, _patience, "all experts");
        var took = TimeProvider.System.GetElapsedTime(started);
        Row($"{skills} skills settled in", $"{took.TotalMinutes:0.0} min", "settled");
        Row("reads and writes of a skill", FormattableString.Invariant($"{(double)(api.Reads - reads) / skills:0.0} and {(double)(api.Writes - writes) / skills:0.0}"), "reported");
        Row("operator's peak memory", $"{process.PeakWorkingSetBytes / 1e6:0} MB", "250 MB");
        foreach (var calls in CallsSince(settling, api).GroupBy(call => Shape(call.Call), call => call.Count).OrderByDescending(calls => calls.Sum()).Take(12))
        {
            Console.Error.WriteLine(FormattableString.Invariant($"{(double)calls.Sum() / skills,8:0.0} a skill: {calls.Key}"));
        }

        // What routers tell of their traffic is news once more after the last roll. Leases are renewed whatever happens; they are counted apart.
        await Task.Delay(TimeSpan.FromSeconds(90));
        var before = api.Calls.ToDictionary();
        await Task.Delay(TimeSpan.FromMinutes(minutes));
        var since = CallsSince(before, api);
        var leases = since.Where(call => call.Call.Contains("/leases", StringComparison.Ordinal)).Sum(call => call.Count);
        var other = since.Where(call => !call.Call.Contains("/leases", StringComparison.Ordinal)).ToList();
        var written = other.Where(call => !call.Call.StartsWith("GET ", StringComparison.Ordinal)).Sum(call => call.Count);
        var read = other.Where(call => call.Call.StartsWith("GET ", StringComparison.Ordinal)).Sum(call => call.Count);
        Row($"writes in {minutes} minutes with nothing to do, leader's lease aside", $"{written}", "0");
        Row("reads a second meanwhile", FormattableString.Invariant($"{read / (60.0 * minutes):0.00}"), "1");
        Row("renewals and reads of the lease a second", FormattableString.Invariant($"{leases / (60.0 * minutes):0.00}"), "");
        Row("keys left in the operator's queues", await QueueDepthAsync(port), "0");
        var handOvers = await HandOversAsync(cluster, api, leaders);
        Row($"a leader is killed: first action of the next one, longest of {handOvers.Count}", $"{handOvers.Max() / 1e3:0.0} s", "20 s");
        foreach (var (call, count) in other.OrderByDescending(call => call.Count).Take(5))
        {
            Console.Error.WriteLine($"{count,6} {call}");
        }

        return 0;
    }

    // From the moment at which a client knows that its skill is there to the operator's first write about it.
    private static async Task<List<double>> LatenciesAsync(TestCluster cluster, FaultyApi api, int events)
    {
        var latencies = new List<double>();
        for (var number = 0; number < events; number++)
        {
            latencies.Add(await FirstWriteAsync(cluster, api, string.Create(CultureInfo.InvariantCulture, $"event-{number}")));
            await Task.Delay(20);
        }

        await cluster.Kubectl.RunAsync("delete", "skills", "--all", "--timeout=5m");
        return latencies;
    }

    // From the moment at which a leader is killed to the first write of the one that waited.
    private static async Task<List<double>> HandOversAsync(TestCluster cluster, FaultyApi api, Leaders leaders)
    {
        var times = new List<double>();
        for (var number = 0; number < 5; number++)
        {
            await leaders.AddFollowerAsync();
            await Task.Delay(TimeSpan.FromSeconds(5 + (0.4 * number)));
            await leaders.KillLeaderAsync();
            times.Add(await FirstWriteAsync(cluster, api, string.Create(CultureInfo.InvariantCulture, $"handed-over-{number}")));
        }

        return times;
    }

    // Milliseconds. The skill is suspended: what is measured is the way to the first action, with nothing that goes on beside it.
    private static async Task<double> FirstWriteAsync(TestCluster cluster, FaultyApi api, string name)
    {
        var first = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        api.Faults = new Faults
        {
            BeforeWrite = (_, call) =>
            {
                if (call.Contains($"/skills/{name}", StringComparison.Ordinal))
                {
                    first.TrySetResult(TimeProvider.System.GetTimestamp());
                }

                return Task.CompletedTask;
            },
        };
        await new Resource(cluster.Client, "skills").CreateAsync(Manifests.Skill(name, more: "suspend: true"));
        var created = TimeProvider.System.GetTimestamp();
        var wrote = await first.Task.WaitAsync(_patience);
        api.Faults = Faults.None;
        return Math.Max(0, TimeProvider.System.GetElapsedTime(created, wrote).TotalMilliseconds);
    }

    private static List<(string Call, int Count)> CallsSince(Dictionary<string, int> before, FaultyApi api) =>
        [.. api.Calls.Select(call => (call.Key, call.Value - before.GetValueOrDefault(call.Key))).Where(call => call.Item2 > 0)];

    // A call without the name of the object that it is about.
    private static string Shape(string call)
    {
        var parts = call.Split('/').ToList();
        var kind = parts.IndexOf("namespaces") + 2;
        if (kind >= 2 && parts.Count > kind + 1)
        {
            parts[kind + 1] = "NAME";
        }

        return string.Join('/', parts);
    }

    private static async Task ApplyAllAsync(TestCluster cluster, int skills)
    {
        foreach (var part in Enumerable.Range(0, skills).Chunk(100))
        {
            await cluster.Kubectl.ApplyAsync(Manifests.All([.. part.Select(number => Manifests.Skill(string.Create(CultureInfo.InvariantCulture, $"skill-{number}"), samples: 20))]));
        }
    }

    private static async Task<string> QueueDepthAsync(int port)
    {
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));

        // Scheduled is another look at every object some time later.
        var depths = metrics.Split('\n').Where(line => !line.StartsWith('#') && line.Contains("queue_depth", StringComparison.Ordinal) && line.Contains("\"ready\"", StringComparison.Ordinal));
        return depths.Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
    }

    private static double Percentile(List<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(percent / 100.0 * sorted.Count) - 1)];
    }

    // The operators that run, the one that leads first.
    private sealed class Leaders(ManagedProcess leader, string kubeconfig) : IAsyncDisposable
    {
        private readonly Queue<ManagedProcess> _processes = new([leader]);

        public async Task AddFollowerAsync() => _processes.Enqueue(await OperatorProcess.StartAsync(kubeconfig));

        public async Task KillLeaderAsync()
        {
            await using var leader = _processes.Dequeue();
            await leader.KillAsync();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var process in _processes)
            {
                await process.DisposeAsync();
            }
        }
    }

    private static void Row(string what, string measured, string required) => Console.WriteLine($"| {what} | {measured} | {required} |");
}
