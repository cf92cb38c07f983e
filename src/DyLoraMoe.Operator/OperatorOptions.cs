using System.Globalization;
using System.Text.RegularExpressions;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator;

/// <summary>How the process works, from its environment.</summary>
internal sealed record OperatorOptions
{
    private static readonly string[] _collectorVariables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"];

    /// <summary>Image of jobs and routers whose Backbone names none.</summary>
    public string RuntimeImage { get; init; } = "dylora-runtime:latest";

    /// <summary>Port of <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>.</summary>
    public int MetricsPort { get; init; } = 8081;

    /// <summary>The namespace that is watched; null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether several replicas agree on who works. Off only for a process that is alone for certain.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>Objects of one kind that are visited at once. A visit mostly waits for the API server.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>When a settled object is looked at again although no watch told of a change: a net under the watches, so long.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Sets that are kept for a roll back, the served ones not counted.</summary>
    public int KeptRevisions { get; init; } = 10;

    /// <summary>Seconds a roll may stand still before the set is given up: as long as Kubernetes itself waits by default.</summary>
    public int ProgressDeadlineSeconds { get; init; } = 600;

    /// <summary>How often what nothing refers to is removed at most.</summary>
    public TimeSpan CollectEvery { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often routers are asked which share of the prompts each expert has; zero for never.</summary>
    public TimeSpan TrafficEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How large a pod's copies of what is in a bucket may become, as a quantity: a model's weights and all experts.</summary>
    public string CacheSize { get; init; } = "200Gi";

    /// <summary>When work that a bucket stood in the way of is begun again: somebody may have mended what nobody tells of.</summary>
    public TimeSpan BucketRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The environment variables that tell routers where their traces go: this process' own.</summary>
    public IReadOnlyDictionary<string, string> Collector { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads <c>DYLORA_*</c>, and of <c>OTEL_*</c> what routers need. Headers are left out: they may hold a secret.</summary>
    public static OperatorOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new OperatorOptions();
        return new()
        {
            RuntimeImage = Text("DYLORA_RUNTIME_IMAGE") ?? defaults.RuntimeImage,
            MetricsPort = Number("DYLORA_METRICS_PORT", defaults.MetricsPort),
            Namespace = Text("DYLORA_NAMESPACE"),
            LeaderElection = !string.Equals(Text("DYLORA_LEADER_ELECTION"), "false", StringComparison.OrdinalIgnoreCase),
            Parallel = Math.Max(1, Number("DYLORA_PARALLEL", defaults.Parallel)),
            Resync = TimeSpan.FromSeconds(Number("DYLORA_RESYNC_SECONDS", (int)defaults.Resync.TotalSeconds)),
            KeptRevisions = Number("DYLORA_KEPT_REVISIONS", defaults.KeptRevisions),
            ProgressDeadlineSeconds = Math.Max(1, Number("DYLORA_PROGRESS_DEADLINE_SECONDS", defaults.ProgressDeadlineSeconds)),
            CollectEvery = TimeSpan.FromSeconds(Number("DYLORA_COLLECT_SECONDS", (int)defaults.CollectEvery.TotalSeconds)),
            CacheSize = Text("DYLORA_CACHE_SIZE") is not { } size ? defaults.CacheSize
                : Regex.IsMatch(size, Patterns.Quantity) ? size
                : throw new InvalidDataException($"Expected a quantity such as 200Gi in DYLORA_CACHE_SIZE, found '{size}'."),
            BucketRetry = TimeSpan.FromSeconds(Math.Max(1, Number("DYLORA_BUCKET_RETRY_SECONDS", (int)defaults.BucketRetry.TotalSeconds))),
            TrafficEvery = TimeSpan.FromSeconds(Math.Min(Number("DYLORA_TRAFFIC_SECONDS", (int)defaults.TrafficEvery.TotalSeconds), 86_400)),
            Collector = _collectorVariables
                .Where(name => Text(name) is not null)
                .ToDictionary(name => name, name => Text(name)!),
        };

        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;

        int Number(string name, int fallback) =>
            Text(name) is not { } text ? fallback
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new InvalidDataException($"Expected a whole number in {name}, found '{text}'.");
    }
}
