using System.Runtime.InteropServices;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What is there to be had by knowing which tokens answers are made of, and nothing else.</summary>
internal static class UnigramLoss
{
    /// <summary>Nats per token of the tokens that count, each sample's by the frequencies in all others; infinite without any.</summary>
    /// <param name="samples">The samples.</param>
    public static double Of(IReadOnlyList<TokenizedSample> samples)
    {
        var counts = new UnigramCounts(samples);
        var nats = 0.0;
        foreach (var sample in samples)
        {
            var probability = counts.Without(sample);
            nats -= UnigramCounts.Counting(sample).Sum(token => Math.Log(probability(token)));
        }

        return counts.Tokens == 0 ? double.PositiveInfinity : nats / counts.Tokens;
    }
}

/// <summary>How often each token occurs among those that count.</summary>
internal sealed class UnigramCounts
{
    // Added to every count, that of all unseen tokens together included: Krichevsky and Trofimov's estimate.
    private const double Prior = 0.5;

    private readonly Dictionary<int, int> _all = [];

    /// <summary>Counts.</summary>
    /// <param name="samples">The samples.</param>
    public UnigramCounts(IReadOnlyList<TokenizedSample> samples)
    {
        foreach (var token in samples.SelectMany(Counting))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_all, token, out _)++;
            Tokens++;
        }
    }

    /// <summary>Tokens in all.</summary>
    public long Tokens { get; }

    /// <summary>The probability of a token by all samples but one.</summary>
    /// <param name="sample">One of the samples.</param>
    public Func<int, double> Without(TokenizedSample sample)
    {
        var own = Counting(sample).CountBy(token => token).ToDictionary();
        var all = Tokens - own.Values.Sum() + (Prior * (_all.Count + 1));
        return token => (_all[token] - own[token] + Prior) / all;
    }

    /// <summary>The tokens of a sample that count.</summary>
    public static IEnumerable<int> Counting(TokenizedSample sample) => sample.Ids.Skip(Math.Max(sample.LossStart, 1));
}
