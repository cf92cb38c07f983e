using System.Runtime.InteropServices;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What is there to be had by knowing which tokens answers are made of, and nothing else.</summary>
internal static class UnigramLoss
{
    // Added to every count, that of all unseen tokens together included: Krichevsky and Trofimov's estimate.
    private const double Prior = 0.5;

    /// <summary>Nats per token of the tokens that count, each sample's by the frequencies in all others; infinite without any.</summary>
    /// <param name="samples">The samples.</param>
    public static double Of(IReadOnlyList<TokenizedSample> samples)
    {
        var all = new Dictionary<int, int>();
        foreach (var token in samples.SelectMany(Counting))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(all, token, out _)++;
        }

        var tokens = all.Values.Sum();
        var kinds = all.Count + 1;
        var nats = 0.0;
        foreach (var sample in samples)
        {
            var own = Counting(sample).CountBy(token => token).ToList();
            var others = tokens - own.Sum(pair => pair.Value);
            nats -= own.Sum(pair => pair.Value * Math.Log((all[pair.Key] - pair.Value + Prior) / (others + (Prior * kinds))));
        }

        return tokens == 0 ? double.PositiveInfinity : nats / tokens;
    }

    private static IEnumerable<int> Counting(TokenizedSample sample) => sample.Ids.Skip(Math.Max(sample.LossStart, 1));
}
