using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// How new each single prompt looks, for a server: its whitened distance to the nearest skill and how many of that skill's held-out
/// prompts lie as far out. One prompt says little about novelty; <see cref="DriftMonitor"/> adds up many. Costs one product of the
/// features with a narrow matrix. Safe to use from many threads.
/// </summary>
/// <remarks>Shapes: B prompts, F features, K dimensions, S skills.</remarks>
public sealed class PromptNovelty : IDisposable
{
    // Distances that differ by less differ by rounding. Prompts of one skill lie about the root of the dimensions from its mean, unless they are all the same.
    private const float Precision = 0.01f;

    private readonly Func<Tensor, Tensor>? _routerEntropy;
    private readonly Tensor _directions;
    private readonly Tensor _origin;
    private readonly Tensor _means;
    private readonly Tensor _squares;
    private readonly KnownSkill[] _skills;
    private readonly IReadOnlyList<float[]> _heldOut;

    /// <summary>Takes what it needs from a map.</summary>
    /// <param name="map">What is known; stays the caller's.</param>
    /// <param name="routerEntropy">The router's entropies, (B, F) features to (B); null without a router.</param>
    /// <param name="device">Where features will be; the CPU when null.</param>
    public PromptNovelty(NoveltyMap map, Func<Tensor, Tensor>? routerEntropy = null, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (directions, origin) = map.Whitened();
        _routerEntropy = routerEntropy;
        _skills = [.. map.Space.Skills];
        _directions = Kept(directions);                                                                         // (F, K)
        _origin = Kept(origin);                                                                                 // (1, K)
        _means = Kept(map.Space.Means);                                                                         // (S, K)
        _squares = Kept(map.Space.Means.square().sum(1).unsqueeze(0));                                          // (1, S)
        _heldOut = map.HeldOut;
        NullScores = [.. _heldOut.SelectMany(LeaveOneOut)];

        Tensor Kept(Tensor values) => values.to(ScalarType.Float32, device ?? CPU, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Scores of held-out prompts of all skills, each judged by the others: what known requests look like.</summary>
    public IReadOnlyList<double> NullScores { get; }

    /// <summary>Judges prompts.</summary>
    /// <param name="features">Features of the prompts, (B, F), on the device that was given.</param>
    /// <returns>One figure per prompt; without any skill, distance is infinite and p is one, since there is nothing to compare with.</returns>
    public IReadOnlyList<PromptFigures> Of(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var entropies = _routerEntropy?.Invoke(features).detach().cpu().to_type(ScalarType.Float32).data<float>().ToArray();
        var rows = (int)features.shape[0];
        if (_skills.Length == 0)
        {
            return [.. Enumerable.Range(0, rows).Select(row => new PromptFigures(null, null, double.PositiveInfinity, 1, entropies?[row]))];
        }

        var z = features.to_type(ScalarType.Float32).matmul(_directions) - _origin;                             // (B, F) -> (B, K)
        var distances = z.square().sum(1).unsqueeze(1) + _squares - (z.matmul(_means.t()) * 2);                 // (B, S)
        var (nearest, which) = distances.min(1);                                                                // (B)
        var values = nearest.clamp_min(0).sqrt().cpu().data<float>().ToArray();
        var skills = which.cpu().data<long>().ToArray();
        return [.. Enumerable.Range(0, rows).Select(row => Figures(_skills[skills[row]], _heldOut[(int)skills[row]], values[row], entropies?[row]))];
    }

    /// <summary>Frees the matrices.</summary>
    public void Dispose()
    {
        _directions.Dispose();
        _origin.Dispose();
        _means.Dispose();
        _squares.Dispose();
    }

    private static PromptFigures Figures(KnownSkill skill, float[] sorted, float distance, float? entropy)
    {
        var nearer = FirstAtLeast(sorted, distance - Precision);
        return new(skill.Name, skill.Expert, distance, (1.0 + sorted.Length - nearer) / (1 + sorted.Length), entropy) { IsFarthest = nearer == sorted.Length };
    }

    private static int FirstAtLeast(float[] sorted, float value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    // The i-th of M sorted distances has M - 1 - i others beyond it.
    private static IEnumerable<double> LeaveOneOut(float[] sorted) =>
        sorted.Select((distance, index) => PromptFigures.NormalScore((double)(sorted.Length - index) / sorted.Length, sorted.Length));
}
