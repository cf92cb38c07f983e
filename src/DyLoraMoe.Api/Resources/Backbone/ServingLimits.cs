using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What a pod of the router takes on at most. What is left out has the router's own default, which docs/reference/router.md lists.</summary>
public sealed record ServingLimits
{
    /// <summary>Requests that are computed together.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    public int? MaxBatchSize { get; set; }

    /// <summary>Tokens of a request, prompt and answer together. The model's own context when it is left out, or when that is less.</summary>
    [RangeMinimum(16)]
    [RangeMaximum(1_048_576)]
    public int? MaxContext { get; set; }

    /// <summary>Memory for keys and values of the requests that are computed together: of the GPU where there is one. Fewer are computed together when it does not hold maxBatchSize of them. 1Gi when left out.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.MemorySize)]
    public string? CacheMemory { get; set; }

    /// <summary>Memory for prompts that are kept for others that begin alike: of the GPU where there is one. 0 keeps none. 256Mi when left out.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.MemorySizeOrNone)]
    public string? PrefixCacheMemory { get; set; }

    /// <summary>Memory for experts: of the GPU where there is one. Those in use count twice, for they are copied side by side; those not in use leave it, the longest unused first, and are read again when wanted. 1Gi when left out.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.MemorySize)]
    public string? ExpertMemory { get; set; }

    /// <summary>The pod's own memory for experts that had to leave a GPU. 0 keeps none, and they are read from the store again. 4Gi when left out.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.MemorySizeOrNone)]
    public string? ExpertHostMemory { get; set; }

    /// <summary>Requests that wait for their turn; more are refused with 429. One client has at most three quarters of the places. 256 when left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    public int? MaxQueueSize { get; set; }

    /// <summary>Tokens of prompts that are read in one pass, so that a long prompt does not stall the others. A GPU reads more with less loss. 64 when left out.</summary>
    [RangeMinimum(8)]
    [RangeMaximum(65_536)]
    public int? PrefillChunkTokens { get; set; }

    /// <summary>Size of a request's body in KiB; larger ones are refused with 413. 1024 when left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_048_576)]
    public int? MaxBodyKibibytes { get; set; }

    /// <summary>Seconds that a request may take, waiting included. Five minutes when left out, or as long as a pod has for it when it ends. Rolls cut requests that take longer than terminationGracePeriodSeconds leaves them.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(86_400)]
    public int? RequestTimeoutSeconds { get; set; }
}
