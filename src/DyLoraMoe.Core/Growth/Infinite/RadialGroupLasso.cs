namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// The attraction of the vacuum: <c>λ Σ_u w(x_u) √n ‖θ_u‖</c> over groups of n weights, stronger further out. It acts by its proximal step after
/// the optimizer's, which ends in exact zeros; as a part of the loss it would be normalised away by Adam.
/// (<see href="https://arxiv.org/abs/1108.0775">Bach and others</see>, section 3.3.) Since an entry moves by at most about the rate in a step of Adam, λ is the
/// share of its steps that has to point the same way for a weight to stay.
/// </summary>
/// <param name="Strength">λ, 0 to 1.</param>
/// <param name="Radius">Where the attraction is twice that at the origin, in units.</param>
public sealed record RadialGroupLasso(double Strength, double Radius)
{
    /// <summary>How strong it is at a place: <c>1 + x / x₀</c>.</summary>
    /// <param name="place">The place.</param>
    public double Weight(double place) => 1 + (place / Radius);

    /// <summary>How much a group's norm loses.</summary>
    /// <param name="rate">The optimizer's rate, times the steps since the last time.</param>
    /// <param name="place">Where the group's unit is.</param>
    /// <param name="count">Weights in the group.</param>
    public double Threshold(double rate, double place, long count) => rate * Strength * Weight(place) * Math.Sqrt(count);

    /// <summary>The factor on a group that makes its norm smaller by a threshold, and zero where it is no larger.</summary>
    /// <param name="norm">The group's norm.</param>
    /// <param name="threshold">What it loses.</param>
    public static double Factor(double norm, double threshold) => norm > threshold ? 1 - (threshold / norm) : 0;
}
