using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Where a gate is fitted: features seen from the middle of the skills and whitened by the covariance that skills share around their means, <c>z = (x̂ − m) T / √F</c>. Directions in
/// which prompts of one skill differ among themselves count for little there, whatever their size; a descent that starts from nothing would otherwise separate skills by those first,
/// since they are the longest. The gate itself stays linear in the features, so a server knows nothing of it.
/// </summary>
/// <remarks>
/// Shapes: N prompts, F features, C columns. The directions are those of linear discriminant analysis (Fisher, 1936,
/// <see href="https://doi.org/10.1111/j.1469-1809.1936.tb02137.x"/>), the gate is still fitted by its loss.
/// </remarks>
/// <param name="Middle">Mean of the skills' means, m, (F) float64.</param>
/// <param name="Whitening">T / √F, (F, F) float64, upper triangular.</param>
internal sealed record GateCoordinates(Tensor Middle, Tensor Whitening) : IDisposable
{
    // As a share of what a feature varies over the anchors. With many prompts next to nothing of the covariance is noise, and one that hardly varies within skills would decide alone.
    private const double LeastVariance = 0.03;

    /// <summary>The coordinates of skills.</summary>
    /// <param name="skills">Standardised features of each, (N, F) float64.</param>
    public static GateCoordinates Of(IReadOnlyList<Tensor> skills)
    {
        using var scope = NewDisposeScope();
        var middle = stack([.. skills.Select(skill => skill.mean([0]))], 0).mean([0]);
        var whitening = ShrunkCovariance.Within(skills).Whitening(LeastVariance / middle.shape[0]) / Math.Sqrt(middle.shape[0]);
        return new GateCoordinates(middle.DetachFromDisposeScope(), whitening.DetachFromDisposeScope());
    }

    /// <summary>Standardised features in these coordinates, (N, F) -> (N, F) float64.</summary>
    public Tensor Of(Tensor standardised)
    {
        using var scope = NewDisposeScope();
        return (standardised - Middle).matmul(Whitening).MoveToOuterDisposeScope();
    }

    /// <summary>The gate that says of z what another says of x̂: <c>V = W T⁻ᵀ √F, c = b + W m</c>.</summary>
    /// <param name="gate">W, (C, F).</param>
    /// <param name="bias">b, (C).</param>
    public (Tensor Gate, Tensor Bias) Enter(Tensor gate, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var rows = gate.to_type(ScalarType.Float64);
        return (
            linalg.solve_triangular(Whitening, rows.t(), upper: true).t().MoveToOuterDisposeScope(),
            (bias.to_type(ScalarType.Float64) + rows.matmul(Middle)).MoveToOuterDisposeScope());
    }

    /// <summary>The way back: <c>W = V Tᵀ / √F, b = c − W m</c>.</summary>
    /// <param name="gate">V, (C, F).</param>
    /// <param name="bias">c, (C).</param>
    public (Tensor Gate, Tensor Bias) Leave(Tensor gate, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var rows = gate.to_type(ScalarType.Float64).matmul(Whitening.t());
        return (rows.MoveToOuterDisposeScope(), (bias.to_type(ScalarType.Float64) - rows.matmul(Middle)).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        Middle.Dispose();
        Whitening.Dispose();
    }
}
