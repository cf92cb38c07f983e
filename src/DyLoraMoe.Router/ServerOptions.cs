using System.ComponentModel.DataAnnotations;
using System.Net;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Memory;

namespace DyLoraMoe.Router;

/// <summary>What a server was started with.</summary>
internal sealed record ServerOptions
{
    /// <summary>File of the set document.</summary>
    public required string Set { get; init; }

    /// <summary>Folder of the artifact store, or its place in a bucket.</summary>
    public required string Store { get; init; }

    /// <summary>Folder of the backbone, its place in a bucket, or <c>builtin:NAME</c>.</summary>
    public required string Backbone { get; init; }

    /// <summary>Folder for copies of what is in a bucket. The default is one in the system's temporary folder.</summary>
    public string Cache { get; init; } = Path.Combine(Path.GetTempPath(), "dylora-cache");

    /// <summary>Where to listen. The default is this machine only.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port to listen on; 0 for one that is free. The default is 8080.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 8080;

    /// <summary>Where to compute, one of <see cref="ComputePlace.DeviceNames"/>. The default is a GPU where there is one.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads for computing; one per processor that this process may use when null.</summary>
    public int? Threads { get; init; }

    /// <summary>What the engine may use.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>File of API keys, one a line; everybody may ask when null.</summary>
    public string? ApiKeys { get; init; }

    /// <summary>Largest body of a request, in bytes. The default is 1 MiB.</summary>
    public long MaxBody { get; init; } = 1 << 20;

    /// <summary>Longest time for one request. The default is 5 minutes.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long requests are still taken in after SIGTERM, while <c>/readyz</c> says no: whoever balances needs that time to notice. The
    /// default is 3 seconds.
    /// </summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after that connections may stay open that clients keep without asking anything. The default is 10 seconds.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long running requests may take to finish after that. The default is 25 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Whether prompts that are like no known skill are remembered, in memory, to be shown with the skills that they suggest. The default is no.</summary>
    public bool KeepNovelPrompts { get; init; }

    /// <summary>Whether prompts and answers are written to the log. The default is no: they are people's own.</summary>
    public bool LogPrompts { get; init; }

    /// <summary>How verdicts on answers are kept; they are refused when null.</summary>
    public FeedbackOptions? Feedback { get; init; }

    /// <summary>What is remembered of verdicts, for the requests that they concern; nothing when null.</summary>
    public MemoryOptions? Memory { get; init; }
}
