using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>What an engine may use.</summary>
internal sealed record EngineOptions
{
    /// <summary>Most sequences in one pass. The default, 16, is where a CPU's arithmetic is busy and a step is still short.</summary>
    [Range(1, 1024)]
    public int MaxBatch { get; init; } = 16;

    /// <summary>Most sequences that wait. The default, 256, is about a minute of work for a laptop.</summary>
    [Range(1, 1 << 20)]
    public int MaxQueue { get; init; } = 256;

    /// <summary>Longest prompt and answer together, in tokens; the backbone's own context when null, or when that is less: beyond it a model answers nonsense.</summary>
    [Range(2, 1 << 24)]
    public int? MaxContext { get; init; }

    /// <summary>Bytes for keys and values of the running batch. Fewer rows run at once when it does not hold <see cref="MaxBatch"/> of them. The default is 1 GiB.</summary>
    [Range(1L << 16, 1L << 44)]
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Bytes for prompts that are kept for others that begin alike; 0 for none. The default is 256 MiB.</summary>
    [Range(0, 1L << 44)]
    public long PrefixBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of experts on the model's device; those in use count twice, those that are not go beyond it. The default is 1 GiB.</summary>
    [Range(1L << 16, 1L << 44)]
    public long ExpertBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of experts that wait in host memory when the model is on a device; elsewhere there is no difference. The default is 4 GiB.</summary>
    [Range(0, 1L << 44)]
    public long ExpertHostBytes { get; init; } = 4L << 30;

    /// <summary>Prompt tokens per pass, and per step while others are being answered. The default, 64, delays them by about a step.</summary>
    [Range(8, 1 << 16)]
    public int PrefillChunk { get; init; } = 64;

    /// <summary>What is asked of the device after a pass has failed; null is a device that works.</summary>
    public Func<Device, Exception?> ProbeDevice { get; init; } = DeviceProbe.Of;
}
