using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What a pod of the router takes on at most. What is left out the router decides by the memory it has.</summary>
public sealed record ServingLimits
{
    /// <summary>Requests that are computed together.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1024)]
    public int? MaxBatchSize { get; set; }

    /// <summary>Tokens of a request, prompt and answer together.</summary>
    [RangeMinimum(16)]
    [RangeMaximum(1_048_576)]
    public int? MaxContext { get; set; }

    /// <summary>Memory for keys and values of the requests that are computed together: of the GPU where there is one. Fewer are computed together when it does not hold maxBatchSize of them. 1Gi when left out.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.MemorySize)]
    public string? CacheMemory { get; set; }
}
