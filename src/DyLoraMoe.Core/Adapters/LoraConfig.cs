using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Size, strength and reach of a low-rank adapter, in PEFT's terms.</summary>
public sealed record LoraConfig
{
    /// <summary>Width of the low-rank update, PEFT's <c>r</c>. The default, 8, is PEFT's.</summary>
    [Range(1, 4096)]
    public int Rank { get; init; } = 8;

    /// <summary>Numerator of the scale, PEFT's <c>lora_alpha</c>. The default, twice the rank, follows common practice.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Scale by alpha / √r instead of alpha / r, so that the update does not shrink as rank grows (<see href="https://arxiv.org/abs/2312.03732">rsLoRA</see>).</summary>
    public bool UseRsLora { get; init; }

    /// <summary>Share of adapter inputs dropped while training. The default is none.</summary>
    [Range(0.0, 0.95)]
    public double Dropout { get; init; }

    /// <summary>The layers to adapt: names such as <c>q_proj</c>. Every linear layer of the decoder when empty.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary>Also adapt the language-model head, which must not be tied to the embeddings.</summary>
    public bool AdaptHead { get; init; }

    /// <summary>Where the adapter acts.</summary>
    public AdapterMode Mode { get; init; } = AdapterMode.Full;

    /// <summary>
    /// The token sequence that invokes an <see cref="AdapterMode.Activated"/> adapter; its last occurrence in the prompt starts the adapter.
    /// Null when the caller states the invocation point itself.
    /// </summary>
    public IReadOnlyList<int>? InvocationTokens { get; init; }

    /// <summary>Rank of layers that differ, by name or regular expression on the end of the path.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Alpha of layers that differ, by name or regular expression on the end of the path.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <summary>Layer numbers to adapt; all when null or empty.</summary>
    public IReadOnlyList<int>? LayersToTransform { get; init; }

    /// <summary>Names to leave out although they match.</summary>
    public IReadOnlyList<string> ExcludeModules { get; init; } = [];

    /// <summary>A regular expression over whole paths in place of <see cref="ExcludeModules"/>, as PEFT allows; null for none.</summary>
    public string? ExcludePattern { get; init; }

    /// <summary>A regular expression over whole paths in place of <see cref="TargetModules"/>, as PEFT allows; null for none.</summary>
    public string? TargetPattern { get; init; }

    /// <summary>The rank of one layer.</summary>
    /// <param name="path">The layer's path in the model.</param>
    public int RankOf(string path) => TargetSelection.Lookup(RankPattern, path, Rank);

    /// <summary>The factor on one layer's update.</summary>
    /// <param name="path">The layer's path in the model.</param>
    public double ScaleOf(string path)
    {
        var (rank, alpha) = (RankOf(path), TargetSelection.Lookup(AlphaPattern, path, Alpha));
        return UseRsLora ? alpha / Math.Sqrt(rank) : alpha / rank;
    }
}
