namespace DyLoraMoe.Core.Data;

/// <summary>How samples become ids.</summary>
public sealed record TokenizeOptions
{
    /// <summary>Most ids a sample may have. The default fills a row of 256 positions, since the last id is only predicted.</summary>
    public int MaxTokens { get; init; } = 257;

    /// <summary>Which tokens the loss counts. The default is the answer, as experts are trained.</summary>
    public LossOn Loss { get; init; } = LossOn.Answer;

    /// <summary>Whether a sample begins with the begin token, where the tokenizer has one. On, as the model was pre-trained.</summary>
    public bool AddBos { get; init; } = true;

    /// <summary>Whether the answer ends with the end token, where the tokenizer has one. On, so that the model learns to stop.</summary>
    public bool AppendEos { get; init; } = true;

    /// <summary>
    /// How many of the last prompt tokens an <c>Activated</c> adapter already acts on. 1, the default, is the least with which the
    /// adapter shapes the first answer token, and agrees with <c>InvocationPoint</c> of an adapter without invocation tokens; the
    /// length of a fixed ending of every prompt gives PEFT's aLoRA with that ending as its invocation tokens.
    /// </summary>
    public int InvocationLead { get; init; } = 1;

    /// <summary>Prompt tokens that stay when an answer alone is too long and has to be cut too. Half of <see cref="MaxTokens"/> at most.</summary>
    public int MinPromptTokens { get; init; } = 16;

    /// <summary>Where plain texts are split into context and continuation is drawn from this and the text itself, so order does not matter.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(InvocationLead);
        ArgumentOutOfRangeException.ThrowIfNegative(MinPromptTokens);
    }
}
