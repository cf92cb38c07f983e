using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Router.Engine;

/// <summary>Which experts answer a prompt, and why.</summary>
/// <param name="Mode"><c>dense</c>, <c>blended</c>, <c>sparse</c>, <c>forced</c> or <c>backbone</c>.</param>
/// <param name="Experts">Every expert of the set, in the set's order.</param>
/// <param name="BackboneProbability">What the gate gives the bare backbone.</param>
/// <param name="Entropy">How undecided the gate is, from 0 to 1; null without a router.</param>
/// <param name="Novelty">How new the prompt looks; null when the set came without descriptions of its skills.</param>
internal sealed record RoutingDecision(string Mode, IReadOnlyList<ExpertShare> Experts, double BackboneProbability, double? Entropy, PromptFigures? Novelty)
{
    /// <summary>Weight of every expert.</summary>
    public float[] Weights => [.. Experts.Select(expert => (float)expert.Weight)];

    /// <summary>Indices of the experts that take part, rising.</summary>
    public IReadOnlyList<int> Used => [.. Enumerable.Range(0, Experts.Count).Where(index => Experts[index].Weight != 0)];

    /// <summary>The experts that take part.</summary>
    public IEnumerable<ExpertShare> Active => Experts.Where(expert => expert.Weight != 0);

    /// <summary>The expert with the largest weight; null when that is the bare backbone.</summary>
    public string? Leading => Experts.Where(expert => expert.Weight > BackboneWeight).MaxBy(expert => expert.Weight)?.Name;

    /// <summary>What is missing to 1.</summary>
    public double BackboneWeight => Math.Max(0, 1 - Experts.Sum(expert => expert.Weight));
}

/// <summary>One expert's part in an answer.</summary>
/// <param name="Name">The expert.</param>
/// <param name="Probability">What the gate gives it.</param>
/// <param name="Weight">What its update counts; 0 when it takes no part.</param>
internal sealed record ExpertShare(string Name, double Probability, double Weight);
