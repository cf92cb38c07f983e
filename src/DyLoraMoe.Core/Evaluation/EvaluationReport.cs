namespace DyLoraMoe.Core.Evaluation;

/// <summary>Losses of one sample in nats, summed over its tokens.</summary>
/// <param name="Nats">Over the tokens that the loss counts.</param>
/// <param name="Tokens">How many those are.</param>
/// <param name="AllNats">Over all predicted tokens; as <paramref name="Nats"/> unless prompts were scored.</param>
/// <param name="AllTokens">How many those are.</param>
public readonly record struct SampleLoss(double Nats, int Tokens, double AllNats, int AllTokens)
{
    /// <summary>Nats per token that the loss counts; NaN when there is none.</summary>
    public double Loss => Nats / Tokens;
}

/// <summary>How well a model predicts held-out data.</summary>
/// <param name="Samples">Every sample, or window of a stream, in the order of the data.</param>
public sealed record EvaluationReport(IReadOnlyList<SampleLoss> Samples)
{
    /// <summary>Tokens that the loss counts: the answers', or all when that is what training counts.</summary>
    public long Tokens { get; } = Samples.Sum(sample => (long)sample.Tokens);

    /// <summary>Nats per token that the loss counts; NaN when there is none.</summary>
    public double Loss => Samples.Sum(sample => sample.Nats) / Tokens;

    /// <summary>The exponential of <see cref="Loss"/>.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>All predicted tokens that were scored.</summary>
    public long AllTokens { get; } = Samples.Sum(sample => (long)sample.AllTokens);

    /// <summary>Nats per predicted token.</summary>
    public double AllLoss => Samples.Sum(sample => sample.AllNats) / AllTokens;
}
