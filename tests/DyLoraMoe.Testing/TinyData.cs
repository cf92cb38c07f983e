using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Testing;

/// <summary>Samples for <see cref="TinyModels"/>: short prompts whose answers follow a rule.</summary>
public static class TinyData
{
    private const int Letters = 16;
    private const int First = 8;
    private const int Ask = 4;
    private const int End = 2;

    /// <summary>Prompts of two to five letters and a question mark; the answer is the letters again, each moved by <paramref name="shift"/>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed of the letters.</param>
    /// <param name="shift">The rule.</param>
    /// <param name="loss">Which tokens count.</param>
    public static TokenizedSample[] Shifted(int count, ulong seed = 1, int shift = 3, LossOn loss = LossOn.Answer)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var letters = Enumerable.Range(0, random.Between(2, 5)).Select(_ => random.Next(Letters)).ToArray();
            int[] prompt = [1, .. letters.Select(letter => First + letter), Ask];
            int[] answer = [.. letters.Select(letter => First + ((letter + shift) % Letters)), End];
            return new TokenizedSample([.. prompt, .. answer], prompt.Length, loss == LossOn.Answer ? prompt.Length : 0, prompt.Length - 1);
        })];
    }

    /// <summary>A stream of <paramref name="count"/> tokens that repeats a pattern with some noise.</summary>
    /// <param name="count">How many tokens.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static int[] Stream(int count, ulong seed = 1)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(at => random.Chance(0.1) ? random.Next(64) : First + (at % 7))];
    }
}
