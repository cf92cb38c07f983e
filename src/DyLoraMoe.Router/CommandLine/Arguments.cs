using System.CommandLine;
using System.Globalization;
using System.Net;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Memory;

namespace DyLoraMoe.Router.CommandLine;

/// <summary>The program's command line.</summary>
internal sealed class Arguments
{
    private readonly Option<string?> _set = Text("--set", "FILE", "The set document: backbone, experts and router by digest.", required: true);
    private readonly Option<string?> _store = Text("--store", "DIR", "The artifact store: a folder, or s3://BUCKET/PREFIX with options as docs/reference/s3.md lists them.", required: true);
    private readonly Option<string?> _backbone = Text("--backbone", "DIR", "The backbone's folder, s3://BUCKET/PREFIX, or builtin:NAME for one below $DYLORA_MODELS. [default of DYLORA_MODELS: /opt/dylora/models]", required: true);
    private readonly Option<string?> _copies = Text("--cache", "DIR", "For copies of what is in a bucket. [default: dylora-cache in the system's temporary folder]");
    private readonly Option<IPAddress?> _address = Parsed("--address", "IP", "Where to listen. [default: 127.0.0.1]", text => IPAddress.TryParse(text, out var address) ? address : null, "an IP address");
    private readonly Option<long?> _port = Whole("--port", "N", "Port to listen on; 0 for one that is free. [default: 8080]", 0, 65535);
    private readonly Option<string?> _device = Parsed<string?>("--device", "DEVICE", $"Where to compute: {ComputePlace.DeviceNames}. [default: auto, a GPU where there is one]", text => ComputePlace.IsDevice(text) ? text : null, ComputePlace.DeviceNames);
    private readonly Option<long?> _threads = Whole("--threads", "N", "Threads for computing. [default: one per processor]", 1, 1024);
    private readonly Option<long?> _batch = Whole("--max-batch", "N", "Most sequences in one pass. [default: 16]", 1, 1024);
    private readonly Option<long?> _queue = Whole("--max-queue", "N", "Most sequences that wait; more are refused with 429. [default: 256]", 1, 1 << 20);
    private readonly Option<long?> _context = Whole("--max-context", "N", "Longest prompt and answer together, in tokens. [default: the backbone's]", 2, 1 << 24);
    private readonly Option<long?> _cache = Whole("--cache-mib", "N", "Memory for keys and values of what is being answered, in MiB. [default: 1024]", 1, 1 << 24);
    private readonly Option<long?> _prefix = Whole("--prefix-mib", "N", "Memory for prompts kept for others that begin alike, in MiB; 0 for none. [default: 256]", 0, 1 << 24);
    private readonly Option<long?> _experts = Whole("--expert-mib", "N", "Memory for experts, in MiB; those that are not in use are read again when wanted. [default: 1024]", 1, 1 << 24);
    private readonly Option<long?> _expertsOnHost = Whole("--expert-host-mib", "N", "Host memory for experts that had to leave a GPU, in MiB. [default: 4096]", 0, 1 << 24);
    private readonly Option<long?> _chunk = Whole("--prefill-chunk", "N", "Prompt tokens per pass. [default: 64]", 8, 1 << 16);
    private readonly Option<long?> _body = Whole("--max-body-kib", "N", "Largest body of a request, in KiB. [default: 1024]", 1, 1 << 20);
    private readonly Option<long?> _time = Whole("--request-seconds", "N", "Longest time for one request. [default: 300]", 1, 86400);
    private readonly Option<string?> _keys = Text("--api-keys", "FILE", "API keys, one a line with an optional name before it; everybody may ask without.");
    private readonly Option<string?> _feedback = Text("--feedback", "DIR", "Keeps verdicts on answers in this folder; they are refused without.");
    private readonly Option<long?> _feedbackSize = Whole("--feedback-mib", "N", "Most of them, in MiB; the oldest go first. [default: 64]", 1, 1 << 20);
    private readonly Option<long?> _feedbackDays = Whole("--feedback-days", "N", "How long they are kept at most. [default: 30]", 1, 36500);
    private readonly Option<string?> _memory = Text("--memory", "DIR", "Remembers verdicts that tell the right answer in this folder, and uses them from the next request on; nothing is remembered without.");
    private readonly Option<long?> _memorySize = Whole("--memory-mib", "N", "Most of it, in MiB; the oldest go first. [default: 64]", 1, 1 << 20);
    private readonly Option<long?> _memoryCount = Whole("--memory-episodes", "N", "Most episodes; the oldest go first. [default: 4096]", 1, 1 << 20);
    private readonly Option<long?> _memoryDays = Whole("--memory-days", "N", "How long they are kept at most. [default: 90]", 1, 36500);
    private readonly Option<long?> _memoryShots = Whole("--memory-shots", "N", "Most episodes before a prompt. [default: 3]", 1, 64);
    private readonly Option<long?> _memoryTokens = Whole("--memory-tokens", "N", "Most tokens that they add to it. [default: 256]", 1, 1 << 20);
    private readonly Option<bool> _novel = new("--keep-novel-prompts") { Description = "Remembers the latest prompts that are like no known skill, in memory, and shows them at /v1/novelty." };
    private readonly Option<bool> _logPrompts = new("--log-prompts") { Description = "Writes prompts and answers to the log, which holds none of them without." };
    private readonly Option<long?> _delay = Whole("--drain-seconds", "N", "How long requests are still taken in after SIGTERM. [default: 3]", 0, 3600);
    private readonly Option<long?> _linger = Whole("--linger-seconds", "N", "How long after that connections may stay open that clients keep. [default: 10]", 0, 3600);
    private readonly Option<long?> _grace = Whole("--grace-seconds", "N", "How long running requests may take to finish after that. [default: 25]", 0, 86400);

    /// <summary>The command with its options.</summary>
    /// <param name="run">What it does with them; gives the exit code.</param>
    public RootCommand Command(Func<ServerOptions, Task<int>> run)
    {
        var command = new RootCommand("Serves a backbone with a set of experts behind an OpenAI-compatible API.");
        foreach (var option in (Option[])[_set, _store, _backbone, _copies, _address, _port, _device, _threads, _batch, _queue, _context, _cache, _prefix, _experts, _expertsOnHost, _chunk, _body, _time, _keys, _feedback, _feedbackSize, _feedbackDays, _memory, _memorySize, _memoryCount, _memoryDays, _memoryShots, _memoryTokens, _novel, _logPrompts, _delay, _linger, _grace])
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => run(Of(parsed)));
        return command;
    }

    private ServerOptions Of(ParseResult parsed)
    {
        var (server, engine) = (new ServerOptions { Set = parsed.GetValue(_set)!, Store = parsed.GetValue(_store)!, Backbone = parsed.GetValue(_backbone)! }, new EngineOptions());
        return server with
        {
            Cache = parsed.GetValue(_copies) ?? server.Cache,
            Address = parsed.GetValue(_address) ?? server.Address,
            Port = (int)(parsed.GetValue(_port) ?? server.Port),
            Device = parsed.GetValue(_device) ?? server.Device,
            Threads = (int?)parsed.GetValue(_threads),
            ApiKeys = parsed.GetValue(_keys),
            MaxBody = parsed.GetValue(_body) * 1024 ?? server.MaxBody,
            KeepNovelPrompts = parsed.GetValue(_novel),
            LogPrompts = parsed.GetValue(_logPrompts),
            Feedback = FeedbackOf(parsed),
            Memory = MemoryOf(parsed),
            RequestTime = Seconds(_time) ?? server.RequestTime,
            DrainDelay = Seconds(_delay) ?? server.DrainDelay,
            Linger = Seconds(_linger) ?? server.Linger,
            Grace = Seconds(_grace) ?? server.Grace,
            Engine = engine with
            {
                MaxBatch = (int)(parsed.GetValue(_batch) ?? engine.MaxBatch),
                MaxQueue = (int)(parsed.GetValue(_queue) ?? engine.MaxQueue),
                MaxContext = (int?)parsed.GetValue(_context),
                CacheBytes = parsed.GetValue(_cache) * (1 << 20) ?? engine.CacheBytes,
                PrefixBytes = parsed.GetValue(_prefix) * (1 << 20) ?? engine.PrefixBytes,
                ExpertBytes = parsed.GetValue(_experts) * (1 << 20) ?? engine.ExpertBytes,
                ExpertHostBytes = parsed.GetValue(_expertsOnHost) * (1 << 20) ?? engine.ExpertHostBytes,
                PrefillChunk = (int)(parsed.GetValue(_chunk) ?? engine.PrefillChunk),
            },
        };

        TimeSpan? Seconds(Option<long?> option) => parsed.GetValue(option) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private FeedbackOptions? FeedbackOf(ParseResult parsed)
    {
        if (parsed.GetValue(_feedback) is not { } folder)
        {
            return null;
        }

        var defaults = new FeedbackOptions { Folder = folder };
        return defaults with
        {
            MaxBytes = parsed.GetValue(_feedbackSize) * (1 << 20) ?? defaults.MaxBytes,
            Retention = parsed.GetValue(_feedbackDays) is { } days ? TimeSpan.FromDays(days) : defaults.Retention,
        };
    }

    private MemoryOptions? MemoryOf(ParseResult parsed)
    {
        if (parsed.GetValue(_memory) is not { } folder)
        {
            return null;
        }

        var store = new EpisodeStoreOptions { Folder = folder };
        var defaults = new MemoryOptions { Store = store };
        return defaults with
        {
            Store = store with
            {
                MaxBytes = parsed.GetValue(_memorySize) * (1 << 20) ?? store.MaxBytes,
                MaxEpisodes = (int)(parsed.GetValue(_memoryCount) ?? store.MaxEpisodes),
                Retention = parsed.GetValue(_memoryDays) is { } days ? TimeSpan.FromDays(days) : store.Retention,
            },
            MostEpisodes = (int)(parsed.GetValue(_memoryShots) ?? defaults.MostEpisodes),
            MostTokens = (int)(parsed.GetValue(_memoryTokens) ?? defaults.MostTokens),
        };
    }

    private static Option<string?> Text(string name, string valueName, string description, bool required = false) =>
        new(name) { HelpName = valueName, Description = description, Required = required };

    private static Option<long?> Whole(string name, string valueName, string description, long least, long most) => Parsed<long?>(
        name,
        valueName,
        description,
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null,
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    private static Option<T?> Parsed<T>(string name, string valueName, string description, Func<string, T?> parse, string expected) => new(name)
    {
        HelpName = valueName,
        Description = description,
        CustomParser = argument =>
        {
            var text = argument.Tokens.Count == 0 ? "" : argument.Tokens[^1].Value;
            var value = parse(text);
            if (value is null)
            {
                argument.AddError($"{name} expects {expected}, found '{text}'.");
            }

            return value;
        },
    };
}
