using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Metrics;

/// <summary>Everything that is measured, and the page that shows it.</summary>
internal sealed partial class RouterMetrics : IEngineObserver
{
    /// <summary>What stands for the bare backbone where experts are named.</summary>
    public const string BackboneName = "(backbone)";

    private const string NoName = "(none)";

    private readonly ILogger<RouterMetrics> _log;
    private readonly TrafficShare _share = new();
    private readonly Counter _requests = new("dylora_router_requests_total", "Requests by leading expert, endpoint and code.", "expert", "endpoint", "code");
    private readonly Counter _promptTokens = new("dylora_router_prompt_tokens_total", "Tokens of prompts.");
    private readonly Counter _cachedTokens = new("dylora_router_prompt_tokens_cached_total", "Tokens of prompts that an earlier request had read.");
    private readonly Counter _tokens = new("dylora_router_generated_tokens_total", "Tokens generated.");
    private readonly Counter _weights = new("dylora_router_expert_weight_total", "Sum of the weights with which an expert took part in answers.", "expert");
    private readonly Counter _novel = new("dylora_router_novel_prompts_total", "Prompts that look unlike any known skill.");
    private readonly Counter _failures = new("dylora_router_failures_total", "Sequences that ended by an error of the server.");
    private readonly Histogram _waited = new("dylora_router_prompt_seconds", "From arrival to a prompt that was read, waiting included.", Histogram.Seconds);
    private readonly Histogram _firstToken = new("dylora_router_time_to_first_token_seconds", "From arrival to the first token.", Histogram.Seconds);
    private readonly Histogram _nextToken = new("dylora_router_time_per_token_seconds", "Between two tokens of an answer.", Histogram.Seconds);
    private readonly Histogram _duration = new("dylora_router_request_seconds", "From arrival to the end of an answer.", Histogram.Seconds);
    private readonly Histogram _batch = new("dylora_router_batch_size", "Sequences in one pass.", 1, 2, 4, 8, 16, 32, 64, 128);
    private readonly Histogram _experts = new("dylora_router_batch_experts", "Experts in use in one pass.", 0, 1, 2, 4, 8, 16, 32, 64, 128);
    private readonly Histogram _entropy = new("dylora_router_entropy", "How undecided the gate is about a prompt, 0 to 1.", 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1);
    private readonly Histogram _novelty = new("dylora_router_novelty_p_value", "Share of the nearest skill's own prompts that look as unusual.", 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1);
    private readonly Counter _remembered = new("dylora_router_memory_remembered_total", "Verdicts that became episodes.");
    private readonly Counter _recalled = new("dylora_router_memory_recalled_total", "Episodes that took part in answers, by how: answer or context.", "use");
    private readonly Counter _handedOver = new("dylora_router_memory_handed_over_total", "Episodes that left because an expert knows them.");
    private readonly Counter _forgotten = new("dylora_router_memory_forgotten_total", "Episodes that were removed because somebody asked for it.");
    private readonly double _started = StartTime();
    private readonly List<IMetric> _all;

    public RouterMetrics(SetState state, GpuReadings gpus, ILogger<RouterMetrics> log, EpisodeStore? memory = null, ApiKeys? keys = null)
    {
        _log = log;
        _all =
        [
            _requests, _promptTokens, _cachedTokens, _tokens, _weights, _novel, _failures, _waited, _firstToken, _nextToken, _duration, _batch, _experts, _entropy, _novelty, _remembered, _recalled, _handedOver, _forgotten,
            new Gauge("dylora_router_expert_share", "Share of an expert in the latest answers, by weight.", "expert", () => [.. Names(state).Select(name => (name, _share.Of(name)))]),
            new Gauge("dylora_router_experts", "Experts of the set that is served.", () => state.Current?.Set.Experts.Count ?? 0),
            new Gauge("dylora_router_ready", "Whether exactly the named set is served: every expert of it can be read, and the device works.", () => state.Current is { Set.Pool.HasLost: false, Engine.Fault: null } ? 1 : 0),
            new Gauge("dylora_router_expert_bytes", "Bytes of the experts in memory; those in use count twice.", () => state.Current?.Set.Pool.Bytes ?? 0),
            new Gauge("dylora_router_drift_sum", "How far the traffic has drifted from the known skills; a flag goes up at dylora_router_drift_limit.", () => state.Current?.Set.Traffic?.Standing.State.Sum ?? 0),
            new Gauge("dylora_router_drift_limit", "Where dylora_router_drift_sum raises a flag and begins anew.", () => state.Current?.Set.Traffic?.Standing.Limit ?? 0),
            new Gauge("dylora_router_drift_flags", "Flags so far: traffic that no known skill explains.", () => state.Current?.Set.Traffic?.Standing.State.Flags ?? 0),
            new Gauge("dylora_router_api_keys", "API keys that may ask; none at all where everybody may.", null, () => keys is null ? [] : [("", keys.Count)]),
            Memory("dylora_router_memory_episodes", "Episodes that are remembered; absent while the folder cannot be read.", store => store.Episodes.Count),
            Memory("dylora_router_memory_bytes", "Bytes of the episodes on disk; absent while the folder cannot be read.", store => store.Bytes),
            Status("dylora_router_running", "Sequences that are being answered.", status => status.Running),
            Status("dylora_router_waiting", "Sequences that wait for a slot.", status => status.Waiting),
            Status("dylora_router_cache_tokens", "Tokens whose keys and values the running batch holds.", status => status.CacheTokens),
            Status("dylora_router_cache_bytes", "Bytes of the running batch's keys and values.", status => status.CacheBytes),
            Status("dylora_router_prefix_bytes", "Bytes of prompts kept for those that begin alike.", status => status.PrefixBytes),
            new Gauge("dylora_router_gpu_memory_used_bytes", "Bytes of a GPU's memory in use, by all processes.", "gpu", gpus.UsedBytes),
            new Gauge("dylora_router_gpu_memory_total_bytes", "Bytes of a GPU's memory.", "gpu", gpus.TotalBytes),
            new Gauge("dylora_router_gpu_utilization", "Share of the latest moments in which a GPU computed, 0 to 1.", "gpu", gpus.Utilizations),
            new Gauge("process_resident_memory_bytes", "Bytes of main memory that the process has, those of mapped files that are in memory included.", () => Environment.WorkingSet),
            new Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", () => _started),
        ];

        Gauge Status(string name, string help, Func<EngineStatus, double> read) => new(name, help, () => state.Current is { } current ? read(current.Engine.Status) : 0);

        Gauge Memory(string name, string help, Func<EpisodeStore, double> read) => new(name, help, null, () => memory is null ? [("", 0)] : Readable(memory, read));
    }

    /// <summary>Share of an expert in the latest answers, 0 to 1.</summary>
    public double ShareOf(string expert) => _share.Of(expert);

    /// <summary>A verdict became an episode.</summary>
    public void Remembered() => _remembered.Add(1);

    /// <summary>Episodes take part in an answer.</summary>
    public void Recalled(string use, int episodes)
    {
        if (episodes > 0)
        {
            _recalled.Add(episodes, use);
        }
    }

    /// <summary>Episodes were removed because somebody asked for it.</summary>
    public void Forgot(int episodes) => _forgotten.Add(episodes);

    /// <summary>Episodes left because an expert knows them.</summary>
    public void HandedOver(int episodes) => _handedOver.Add(episodes);

    /// <summary>A request was answered.</summary>
    public void Answered(string endpoint, string? expert, int code, TimeSpan duration)
    {
        _requests.Add(1, expert ?? NoName, endpoint, code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (code == StatusCodes.Status200OK && endpoint is ("/v1/completions" or "/v1/chat/completions"))
        {
            _duration.Observe(duration.TotalSeconds);
        }
    }

    /// <summary>The page.</summary>
    public string Text()
    {
        using var writer = new StringWriter();
        foreach (var metric in _all)
        {
            metric.WriteTo(writer);
        }

        return writer.ToString();
    }

    void IEngineObserver.PromptRead(Sequence sequence, RoutingDecision decision, int cachedTokens, TimeSpan waited)
    {
        if (sequence.Request.Id is null)
        {
            // A further choice of a prompt, or a question of the router's own.
            return;
        }

        _promptTokens.Add(sequence.Request.Prompt.Length);
        _cachedTokens.Add(cachedTokens);
        _waited.Observe(waited.TotalSeconds);
        var weights = decision.Active.Select(expert => (expert.Name, expert.Weight)).Append((BackboneName, decision.BackboneWeight)).ToList();
        _share.Add(weights);
        foreach (var (expert, weight) in weights)
        {
            _weights.Add(weight, expert);
        }

        if (decision.Entropy is { } entropy)
        {
            _entropy.Observe(entropy);
        }

        if (decision.Novelty is { } novelty)
        {
            _novelty.Observe(novelty.PValue);
            _novel.Add(novelty.IsNovel ? 1 : 0);
        }
    }

    void IEngineObserver.FirstToken(Sequence sequence, TimeSpan sinceArrival)
    {
        _tokens.Add(1);
        _firstToken.Observe(sinceArrival.TotalSeconds);
    }

    void IEngineObserver.NextToken(Sequence sequence, TimeSpan sinceLast)
    {
        _tokens.Add(1);
        _nextToken.Observe(sinceLast.TotalSeconds);
    }

    void IEngineObserver.Stepped(int rows, int experts)
    {
        _batch.Observe(rows);
        _experts.Observe(experts);
    }

    void IEngineObserver.Failed(Exception error, int sequences)
    {
        _failures.Add(sequences);
        LogFailed(error, sequences);
    }

    // A folder that cannot be read must not take the other figures with it.
    private static IEnumerable<(string Value, double Amount)> Readable(EpisodeStore memory, Func<EpisodeStore, double> read)
    {
        try
        {
            return [("", read(memory))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static double StartTime()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }

    private static IEnumerable<string> Names(SetState state) => state.Current is { } current ? current.Set.Experts.Select(expert => expert.Member.Name).Append(BackboneName) : [];

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sequences} sequences ended by an error")]
    private partial void LogFailed(Exception error, int sequences);
}
