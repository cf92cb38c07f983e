namespace DyLoraMoe.Core.Growth.Shrinking;

/// <summary>The sizes of a smaller copy. What is null stays as it is.</summary>
public sealed record ShrinkOptions
{
    /// <summary>Layers to keep.</summary>
    public int? Layers { get; init; }

    /// <summary>Feed-forward neurons to keep, in every layer.</summary>
    public int? FeedForward { get; init; }

    /// <summary>Key/value heads to keep, with their query heads, in every layer.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Channels of the residual stream to keep, the same in all layers.</summary>
    public int? Hidden { get; init; }
}
