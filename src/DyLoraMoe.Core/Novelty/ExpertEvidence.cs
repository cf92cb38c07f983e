using System.Text.Json.Serialization;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Novelty;

/// <summary>What an expert gains over the bare backbone on held-out samples of a skill, sample by sample.</summary>
public sealed record ExpertEvidence
{
    /// <summary>The backbone's loss in nats, summed over a sample's tokens.</summary>
    public required IReadOnlyList<double> Backbone { get; init; }

    /// <summary>The expert's.</summary>
    public required IReadOnlyList<double> Expert { get; init; }

    /// <summary>How many tokens counted.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>The backbone's nats per token.</summary>
    [JsonIgnore]
    public double BackboneLoss => Backbone.Sum() / Tokens.Sum();

    /// <summary>The expert's nats per token.</summary>
    [JsonIgnore]
    public double ExpertLoss => Expert.Sum() / Tokens.Sum();

    /// <summary>What the expert gains, in nats per token of each sample.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Advantages => [.. Backbone.Zip(Expert, Tokens).Select(sample => (sample.First - sample.Second) / sample.Third)];

    /// <summary>Evidence from two evaluations of the same samples; those without a token that counts are left out.</summary>
    /// <param name="backbone">The bare backbone's losses.</param>
    /// <param name="expert">The expert's.</param>
    public static ExpertEvidence Of(IReadOnlyList<SampleLoss> backbone, IReadOnlyList<SampleLoss> expert)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(expert);
        if (backbone.Count != expert.Count || backbone.Zip(expert).Any(pair => pair.First.Tokens != pair.Second.Tokens))
        {
            throw new ArgumentException($"Backbone and expert must be evaluated on the same samples; found {backbone.Count} and {expert.Count}, or other token counts.", nameof(expert));
        }

        var counted = backbone.Zip(expert).Where(pair => pair.First.Tokens > 0).ToList();
        return new ExpertEvidence
        {
            Backbone = counted.ConvertAll(pair => pair.First.Nats),
            Expert = counted.ConvertAll(pair => pair.Second.Nats),
            Tokens = counted.ConvertAll(pair => pair.First.Tokens),
        };
    }
}
