using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>Random tokens on which the logits of a grown backbone are compared with those before.</summary>
internal static class ComparedPrompts
{
    private const int Count = 4;
    private const int Longest = 48;

    /// <summary>The prompts, in ids.</summary>
    /// <param name="config">The shape before.</param>
    /// <param name="seed">Seed of the tokens.</param>
    public static IEnumerable<int[]> Of(ModelConfig config, long seed)
    {
        var random = new SeededRandom((ulong)seed, SeededRandom.Key("prompts"));
        for (var prompt = 0; prompt < Count; prompt++)
        {
            yield return [.. Enumerable.Range(0, Math.Min(Longest, config.MaxPositions)).Select(_ => random.Next(config.VocabularySize))];
        }
    }
}
