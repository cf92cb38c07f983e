using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>Text to distil on that costs no training data.</summary>
public static class TeachingText
{
    /// <summary>What the teacher makes up. It covers what the teacher finds likely, and little else.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="count">How many texts.</param>
    /// <param name="longest">Most tokens of one.</param>
    /// <param name="seed">Seed of everything.</param>
    /// <param name="cancellation">Stops between batches of texts.</param>
    public static IReadOnlyList<TokenizedSample> OfTeacher(CausalLanguageModel teacher, int count, int longest, int seed = 1, CancellationToken cancellation = default) =>
        [.. SelfSamples.Draw(teacher, count, longest, seed, cancellation).Where(ids => ids.Length > 1).Select(TokenizedSample.Whole)];

    /// <summary>Tokens drawn alike: all of the vocabulary, and nothing that means anything.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="count">How many texts.</param>
    /// <param name="length">Tokens of each.</param>
    /// <param name="seed">Seed of the tokens.</param>
    public static IReadOnlyList<TokenizedSample> Random(int vocabulary, int count, int length, ulong seed = 1)
    {
        var random = new SeededRandom(seed, SeededRandom.Key("teaching text"));
        return [.. Enumerable.Range(0, count).Select(_ => TokenizedSample.Whole([.. Enumerable.Range(0, length).Select(_ => random.Next(vocabulary))]))];
    }

    /// <summary>A text cut into windows that a model can read. Consecutive ones share a token: the last one predicted is the next one's first input.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="length">Predictions of each window.</param>
    public static IReadOnlyList<TokenizedSample> Windows(int[] tokens, int length)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var windows = new List<TokenizedSample>();
        for (var start = 0; start < tokens.Length - 1; start += length)
        {
            windows.Add(TokenizedSample.Whole(tokens[start..Math.Min(tokens.Length, start + length + 1)]));
        }

        return windows;
    }
}
