using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Generation;

/// <summary>
/// Texts that a backbone makes up by itself: what it sees in general, without any data from outside. They stand for prompts that
/// belong to no skill.
/// </summary>
public static class SelfSamples
{
    private const int RowsAtOnce = 64;

    private static readonly ulong _lengthPurpose = SeededRandom.Key("self sample length");

    /// <summary>Draws texts at temperature 1, cut at lengths between a few tokens and the longest, as prompts are.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="count">How many.</param>
    /// <param name="longest">Most tokens of one; at least 8, and at most the model's context.</param>
    /// <param name="seed">Seed of everything.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>Token ids of every text, each of at least four tokens unless the backbone ended it earlier; none is empty.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; what was drawn until then is no text.</exception>
    public static IReadOnlyList<int[]> Draw(CausalLanguageModel model, int count, int longest, int seed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 8);
        longest = (int)Math.Min(longest, model.Config.MaxPositions);

        // What ends one text begins the next, for models without a begin token.
        int[] start = [model.Config.BosTokenId ?? (model.Config.EosTokenIds.Count > 0 ? model.Config.EosTokenIds[0] : 0)];
        var generator = new TokenGenerator(model);
        var texts = new List<int[]>(count);
        for (var first = 0; first < count; first += RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Math.Min(RowsAtOnce, count - first);
            var options = new GenerationOptions { MaxTokens = longest - 1, Temperature = 1, Seed = seed + first, EosTokenIds = model.Config.EosTokenIds };
            var generated = generator.Generate([.. Enumerable.Repeat(start, rows)], options, cancellationToken: cancellation);
            texts.AddRange(generated.Select((tokens, row) => Cut([.. start, .. tokens.Ids], new SeededRandom((ulong)seed, _lengthPurpose, (ulong)(first + row)))));
        }

        cancellation.ThrowIfCancellationRequested();
        return texts;
    }

    private static int[] Cut(int[] ids, SeededRandom random) => ids[..Math.Min(ids.Length, random.Between(4, Math.Max(4, ids.Length)))];
}
