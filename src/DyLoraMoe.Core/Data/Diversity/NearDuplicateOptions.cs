namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>When two sequences count as near duplicates.</summary>
public sealed record NearDuplicateOptions
{
    /// <summary>The least threshold: below it nearly every n-gram names candidates, and hardly anything is told apart.</summary>
    public const double LeastThreshold = 0.2;

    /// <summary>What is used when nothing is said.</summary>
    public static NearDuplicateOptions Default { get; } = new();

    /// <summary>Tokens of an n-gram. 5, as in Lee et al., "Deduplicating Training Data Makes Language Models Better" (https://arxiv.org/abs/2107.06499).</summary>
    public int Ngram { get; init; } = 5;

    /// <summary>The Jaccard similarity of two sets of n-grams from which on they are near duplicates, <see cref="LeastThreshold"/> to 1. 0.8, as in the same paper.</summary>
    public double Threshold { get; init; } = 0.8;

    /// <summary>Throws unless every value is in its range.</summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    public void Validate()
    {
        if (Ngram < 1)
        {
            throw new ArgumentException($"The n-grams have {Ngram} tokens, expected at least 1.");
        }

        if (!(Threshold >= LeastThreshold && Threshold <= 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"The threshold of near duplicates is {Threshold}, expected {LeastThreshold} to 1."));
        }
    }
}
