namespace DyLoraMoe.Core.Evaluation;

/// <summary>How held-out data are run through a model.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Tokens per batch, padding included. More is faster until memory or cache ends; the default suits both a CPU and a GPU.</summary>
    public int TokensPerBatch { get; init; } = 4096;

    /// <summary>Window over a stream, in tokens. The default is that of training.</summary>
    public int WindowLength { get; init; } = 256;

    /// <summary>
    /// Whether prompt tokens are scored too, beside the answers. Off, since their logits cost most of the work.
    /// </summary>
    public bool AllTokens { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(TokensPerBatch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(WindowLength);
    }
}
