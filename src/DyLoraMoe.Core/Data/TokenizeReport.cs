namespace DyLoraMoe.Core.Data;

/// <summary>What tokenising did to the samples: nothing is cut or left out without being counted here.</summary>
public sealed record TokenizeReport
{
    /// <summary>Samples given.</summary>
    public long Samples { get; init; }

    /// <summary>Tokenised samples made; more than <see cref="Samples"/> when long plain texts were cut into windows.</summary>
    public long Produced { get; init; }

    /// <summary>Prompts that lost tokens on their left.</summary>
    public long PromptsCut { get; init; }

    /// <summary>Answers that lost tokens on their right because they alone exceed the limit.</summary>
    public long AnswersCut { get; init; }

    /// <summary>Plain texts that were cut into several windows.</summary>
    public long TextsWindowed { get; init; }

    /// <summary>Samples with fewer than two ids, which predict nothing and so produce nothing.</summary>
    public long WithoutPrediction { get; init; }

    /// <summary>Ids produced.</summary>
    public long Tokens { get; init; }

    /// <summary>Predictions that count in the loss.</summary>
    public long LossTokens { get; init; }
}
