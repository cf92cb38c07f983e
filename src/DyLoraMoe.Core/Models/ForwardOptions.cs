using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Everything about one forward pass that is not the tokens themselves.</summary>
/// <remarks>Shapes: B batch, T tokens of this pass, S tokens cached before it plus T.</remarks>
public sealed record ForwardOptions
{
    /// <summary>Plain causal attention over full rows, no cache, no adapters.</summary>
    public static ForwardOptions Plain { get; } = new();

    /// <summary>Position of every token, (B, T) int64; null for consecutive positions after the cache.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>One more than the largest of <see cref="Positions"/>; needed with it, so that no pass waits for the device to find out.</summary>
    public long PositionsEnd { get; init; }

    /// <summary>True where a cached or new token is real, (B, S) bool; null when there is no padding.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Which packed sample every token belongs to, (B, T) int64; tokens see only their own. Null for one sample a row.</summary>
    public Tensor? Segments { get; init; }

    /// <summary>The sample of every cached and new token, (B, S) int64; with <see cref="Segments"/> where a cache holds packed samples too.</summary>
    public Tensor? KeySegments { get; init; }

    /// <summary>Position of every cached and new token within its sample, (B, S) int64; with <see cref="KeySegments"/>, for layers with a sliding window.</summary>
    public Tensor? KeyPositions { get; init; }

    /// <summary>Keys and values of earlier tokens; grows by this pass.</summary>
    public IKeyValueCache? Cache { get; init; }

    /// <summary>What adapters add; null for the bare backbone.</summary>
    public IProjectionDelta? Delta { get; init; }

    /// <summary>Who sees the hidden states of every layer; null for nobody.</summary>
    public ILayerObserver? Observer { get; init; }

    /// <summary>Keep only each layer's input and compute the rest again in the backward pass: less memory, a third more work.</summary>
    public bool Checkpointing { get; init; }
}
