using System.Runtime.InteropServices;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What is there to be had by knowing which token follows which in answers, and nothing else.</summary>
public static class BigramLoss
{
    // How many pairs the frequencies of single tokens weigh as much as (MacKay and Peto's hierarchical Dirichlet model).
    private const double Strength = 5;

    /// <summary>Nats per token of the tokens that count, each sample's by the pairs in all others, smoothed by the tokens in all others; infinite without any.</summary>
    /// <param name="samples">The samples.</param>
    public static double Of(IReadOnlyList<TokenizedSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var (pairs, firsts) = Counted(samples.SelectMany(Pairs));
        var singles = new UnigramCounts(samples);
        var (nats, tokens) = (0.0, 0L);
        foreach (var sample in samples)
        {
            var own = Pairs(sample).ToList();
            var (ownPairs, ownFirsts) = Counted(own);
            var without = singles.Without(sample);
            foreach (var pair in own)
            {
                var (seen, first) = (pairs[pair] - ownPairs[pair], firsts[pair.First] - ownFirsts[pair.First]);
                nats -= Math.Log((seen + (Strength * without(pair.Second))) / (first + Strength));
            }

            tokens += own.Count;
        }

        return tokens == 0 ? double.PositiveInfinity : nats / tokens;
    }

    private static (Dictionary<(int First, int Second), int> Pairs, Dictionary<int, int> Firsts) Counted(IEnumerable<(int First, int Second)> found)
    {
        var (pairs, firsts) = (new Dictionary<(int, int), int>(), new Dictionary<int, int>());
        foreach (var pair in found)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(firsts, pair.First, out _)++;
        }

        return (pairs, firsts);
    }

    private static IEnumerable<(int First, int Second)> Pairs(TokenizedSample sample)
    {
        for (var index = Math.Max(sample.LossStart, 1); index < sample.Ids.Length; index++)
        {
            yield return (sample.Ids[index - 1], sample.Ids[index]);
        }
    }
}
