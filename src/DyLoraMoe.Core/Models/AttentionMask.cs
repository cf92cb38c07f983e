using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Which earlier tokens each token may attend to in one pass, for layers with and without a sliding window.</summary>
/// <remarks>Shapes: B batch, T new tokens, S cached and new tokens. Masks are bool, true where attention is allowed.</remarks>
internal sealed class AttentionMask
{
    private readonly Tensor? _full;
    private readonly Tensor? _windowed;

    /// <param name="tokens">New tokens, T.</param>
    /// <param name="total">Cached and new tokens, S.</param>
    /// <param name="options">Padding and packing of this pass.</param>
    /// <param name="config">Says whether layers have a window.</param>
    /// <param name="device">Where masks are built.</param>
    public AttentionMask(long tokens, long total, ForwardOptions options, ModelConfig config, Device device)
    {
        using var scope = NewDisposeScope();
        var blocks = Blocks(options);

        // A pass of several tokens behind a cache is not the square causal pattern that attention kernels know.
        if (blocks is not null || (tokens > 1 && tokens != total))
        {
            _full = Build(tokens, total, null, blocks, options, device).MoveToOuterDisposeScope();
        }

        _windowed = config.SlidingWindow is { } window && window < total
            ? Build(tokens, total, window, blocks, options, device).MoveToOuterDisposeScope()
            : _full;
        IsCausal = tokens > 1;
    }

    /// <summary>Whether a layer without a mask must still hide later tokens.</summary>
    public bool IsCausal { get; }

    /// <summary>The mask of a layer, (B or 1, 1, T, S), or null when plain causal attention, or no mask, is enough.</summary>
    /// <param name="window">The layer's sliding window, if it has one.</param>
    public Tensor? For(int? window) => window is null ? _full : _windowed;

    private static Tensor Build(long tokens, long total, int? window, Tensor? blocks, ForwardOptions options, Device device)
    {
        var keys = arange(total, device: device).unsqueeze(0);                              // (1, S)
        var queries = arange(total - tokens, total, device: device).unsqueeze(1);           // (T, 1)
        var allowed = keys <= queries;                                                      // (T, S)
        if (window is { } size)
        {
            // Packed samples behind a cache are not next to each other: how far a token is then follows from positions.
            allowed = allowed.logical_and(options.KeyPositions is { } at
                ? at.unsqueeze(1) > options.Positions!.unsqueeze(2) - size                      // (B, T, S)
                : keys > queries - size);                                                       // (T, S)
        }

        if (blocks is null)
        {
            return allowed.unsqueeze(0).unsqueeze(0);                                       // (1, 1, T, S)
        }

        // A padding token attends to itself: a row without any key would be NaN and spread through the values.
        return allowed.logical_and(blocks).logical_or(keys == queries).unsqueeze(1);        // (B, 1, T, S)
    }

    private static Tensor? Blocks(ForwardOptions options)
    {
        var padding = options.KeyMask?.unsqueeze(1);                                               // (B, 1, S)
        var samples = options.Segments is { } ids ? (options.KeySegments ?? ids).unsqueeze(1) == ids.unsqueeze(2) : null;   // (B, T, S)
        return (padding, samples) switch
        {
            (null, null) => null,
            (null, _) => samples,
            (_, null) => padding,
            _ => samples.logical_and(padding),
        };
    }
}
