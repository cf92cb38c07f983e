using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// The space in which skills are compared: projected features, whitened by the covariance that the skills share around their means,
/// so that one unit is one standard deviation of a skill's own prompts in every direction. A snapshot: of the skills as they were.
/// </summary>
/// <remarks>Shapes: N samples, K dimensions, S skills.</remarks>
internal sealed class SkillSpace : IDisposable
{
    private readonly Tensor _whitening;
    private readonly Dictionary<string, int> _rows;

    public SkillSpace(SkillLibrary library)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Skills = [.. library.Skills.Where(skill => skill.Datasets.Count > 0)];
        _rows = Skills.Select((skill, row) => (skill.Name, row)).ToDictionary(pair => pair.Name, pair => pair.row, StringComparer.Ordinal);
        var width = library.Options.Dimensions;
        var training = Skills.Select(skill => library.VectorsOf(skill.Name).Training).ToList();
        _whitening = (training.Count == 0
            ? eye(width, dtype: ScalarType.Float64)
            : ShrunkCovariance.Within(training).Whitening()).DetachFromDisposeScope();
        Means = (training.Count == 0
            ? zeros([0, width], ScalarType.Float64)
            : cat(training.ConvertAll(vectors => vectors.mean([0], keepdim: true)), 0).matmul(_whitening)).DetachFromDisposeScope();
    }

    /// <param name="skills">The skills.</param>
    /// <param name="whitening">(K, K) float64; from now on this one's to dispose, as the next.</param>
    /// <param name="means">Their whitened means, (S, K) float64.</param>
    public SkillSpace(IReadOnlyList<KnownSkill> skills, Tensor whitening, Tensor means)
    {
        (Skills, _whitening, Means) = (skills, whitening, means);
        _rows = skills.Select((skill, row) => (skill.Name, row)).ToDictionary(pair => pair.Name, pair => pair.row, StringComparer.Ordinal);
    }

    /// <summary>The skills, one per row of <see cref="Means"/>.</summary>
    public IReadOnlyList<KnownSkill> Skills { get; }

    /// <summary>Whitened means of the skills' training prompts, (S, K) float64, seen from the anchors' mean.</summary>
    public Tensor Means { get; }

    /// <summary>(K, K) float64.</summary>
    public Tensor Whitening => _whitening;

    public int RowOf(string skill) => _rows[skill];

    /// <summary>Projected features, (N, K), in this space.</summary>
    public Tensor Whiten(Tensor projected) => projected.matmul(_whitening);

    /// <summary>Distance of every whitened row to every skill's mean, (N, S), in one product.</summary>
    public Tensor Distances(Tensor whitened)
    {
        using var scope = NewDisposeScope();
        var squares = whitened.square().sum(1).unsqueeze(1) + Means.square().sum(1).unsqueeze(0) - (whitened.matmul(Means.t()) * 2);
        return squares.clamp_min(0).sqrt().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _whitening.Dispose();
        Means.Dispose();
    }
}
