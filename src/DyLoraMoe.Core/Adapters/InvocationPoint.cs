using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Where an Activated adapter starts to act.</summary>
public static class InvocationPoint
{
    /// <summary>The row has no invocation sequence: the adapter stays silent, as in PEFT.</summary>
    public const int Never = -1;

    /// <summary>The start of the last occurrence of <paramref name="invocation"/> in <paramref name="ids"/>.</summary>
    /// <param name="ids">A prompt.</param>
    /// <param name="invocation">The invocation sequence; not empty.</param>
    /// <returns>An index into <paramref name="ids"/>, or <see cref="Never"/>.</returns>
    public static int Find(ReadOnlySpan<int> ids, ReadOnlySpan<int> invocation) => ids.LastIndexOf(invocation);

    /// <summary>
    /// Where <paramref name="config"/>'s adapter starts in a prompt whose answer follows at <paramref name="answerStart"/>:
    /// at its invocation sequence, or, when it has none, at the last prompt token, whose output is the first answer token.
    /// </summary>
    /// <param name="config">The adapter's configuration.</param>
    /// <param name="ids">Prompt, and answer if there is one.</param>
    /// <param name="answerStart">Index of the first answer token.</param>
    public static int Of(LoraConfig config, ReadOnlySpan<int> ids, int answerStart)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Mode == AdapterMode.Full)
        {
            return 0;
        }

        return config.InvocationTokens is { Count: > 0 } tokens
            ? Find(ids[..answerStart], tokens.ToArray())
            : Math.Max(0, answerStart - 1);
    }

    /// <summary>True from each row's start on.</summary>
    /// <param name="starts">Start of each row, or <see cref="Never"/>.</param>
    /// <param name="tokens">Tokens per row, T.</param>
    /// <param name="device">Where the mask goes.</param>
    /// <returns>(B, T) bool.</returns>
    public static Tensor Mask(IReadOnlyList<int> starts, long tokens, Device? device = null)
    {
        using var scope = NewDisposeScope();
        var first = tensor(starts.Select(start => start == Never ? tokens : start).ToArray(), device: device).unsqueeze(1);   // (B, 1)
        return (arange(tokens, device: device).unsqueeze(0) >= first).MoveToOuterDisposeScope();                              // (B, T)
    }
}
