using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Entropies by gates that are fitted from nothing as the router is, each without a part of every skill's training prompts. A part is judged by the gate that has not seen it, other
/// prompts by all gates, whose geometric mean counts. So a skill's training prompts say, with those that are held out, how undecided a router is about fresh prompts: a few dozen
/// that are held out may by chance be easier than others, and the surer a gate is, the more that shows.
/// </summary>
/// <remarks>Shapes: N prompts, F features, G gates. Costs as many fits as there are gates.</remarks>
public sealed class CrossFittedEntropies : IRouterEntropies, IDisposable
{
    private const int Gates = 4;

    private readonly List<DynamicHybridRouter> _gates;
    private readonly Dictionary<string, Tensor> _training;

    private CrossFittedEntropies(List<DynamicHybridRouter> gates, Dictionary<string, Tensor> training) => (_gates, _training) = (gates, training);

    /// <summary>Fits the gates.</summary>
    /// <param name="unfitted">A router none of whose rows is fitted; it stays as it is.</param>
    /// <param name="skills">Features of every skill, anchors included. Held-out ones are not looked at.</param>
    /// <param name="options">Steps, rates and weights; the defaults when null.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="ArgumentException">A row is fitted, or a skill has no samples, an unknown owner or other features.</exception>
    public static CrossFittedEntropies Fit(DynamicHybridRouter unfitted, IReadOnlyList<SkillFeatures> skills, RouterTrainingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(unfitted);
        ArgumentNullException.ThrowIfNull(skills);
        if (unfitted.Experts.Any(expert => expert.IsFitted))
        {
            throw new ArgumentException("The router has rows that are fitted, expected none: they have seen the prompts.", nameof(unfitted));
        }

        var judged = skills.Where(skill => skill.Owner > 0 && skill.Features.shape[0] >= Gates).ToDictionary(skill => skill.Skill, skill => new double[skill.Features.shape[0]], StringComparer.Ordinal);
        var gates = new List<DynamicHybridRouter>();
        try
        {
            for (var part = 0; part < Gates; part++)
            {
                using var scope = NewDisposeScope();
                var parts = skills.ToDictionary(skill => skill.Skill, skill => Enumerable.Range(0, (int)skill.Features.shape[0]).Select(row => (long)row).ToLookup(row => row % Gates == part));
                var gate = RouterTraining.Fit(
                    unfitted,
                    [.. skills.Select(skill => skill with { Features = judged.ContainsKey(skill.Skill) ? Rows(skill, parts[skill.Skill][false]) : skill.Features, HeldOut = null })],
                    options,
                    cancellationToken: cancellation).Router;
                gates.Add(gate);
                foreach (var skill in skills.Where(skill => judged.ContainsKey(skill.Skill)))
                {
                    var rows = parts[skill.Skill][true];
                    foreach (var (row, entropy) in rows.Zip(Logs(gate, Rows(skill, rows)).exp().data<double>()))
                    {
                        judged[skill.Skill][row] = entropy;
                    }
                }
            }
        }
        catch
        {
            gates.ForEach(gate => gate.Dispose());
            throw;
        }

        return new CrossFittedEntropies(gates, judged.ToDictionary(pair => pair.Key, pair => tensor(pair.Value).DetachFromDisposeScope(), StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public Tensor Of(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        return stack([.. _gates.Select(gate => Logs(gate, features))], 0).mean([0]).exp().MoveToOuterDisposeScope();   // (G, N) -> (N)
    }

    /// <inheritdoc/>
    public Tensor? OfTraining(string skill) => _training.GetValueOrDefault(skill);

    /// <summary>Frees the gates.</summary>
    public void Dispose()
    {
        _gates.ForEach(gate => gate.Dispose());
        foreach (var entropies in _training.Values)
        {
            entropies.Dispose();
        }
    }

    private static Tensor Rows(SkillFeatures skill, IEnumerable<long> rows) => skill.Features.index_select(0, tensor([.. rows]));

    private static Tensor Logs(DynamicHybridRouter gate, Tensor features) => gate.Entropy(features).to_type(ScalarType.Float64).clamp_min(RouterEntropySignal.Least).log();
}
