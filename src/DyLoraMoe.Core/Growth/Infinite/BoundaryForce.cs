namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// Training pressure on a boundary against gravity. The pressure is how steadily the loss falls as the boundary moves out: the mean of
/// <c>−dL/db</c> over the root of the mean of its square, as Adam has it, between −1 and 1. It depends neither on the scale of the loss nor on
/// that of the weights, and is compared with a gravity of the same kind, as the pull on weights is.
/// </summary>
/// <param name="Mean">Mean of the gradient.</param>
/// <param name="Square">Mean of its square.</param>
/// <param name="Steps">Steps taken.</param>
public sealed record BoundaryForce(double Mean = 0, double Square = 0, long Steps = 0)
{
    private const double Beta1 = 0.95;
    private const double Beta2 = 0.99;
    private const double Least = 1e-30;

    /// <summary>The pressure outwards, −1 to 1; zero where nothing lies in the ramp.</summary>
    public double Pressure => Steps == 0 || Square <= Least
        ? 0
        : -Math.Clamp(Mean / (1 - Math.Pow(Beta1, Steps)) / Math.Sqrt(Square / (1 - Math.Pow(Beta2, Steps))), -1, 1);

    /// <summary>The force after one more step.</summary>
    /// <param name="gradient">dL/db of the step.</param>
    public BoundaryForce After(double gradient) => new(
        (Beta1 * Mean) + ((1 - Beta1) * gradient),
        (Beta2 * Square) + ((1 - Beta2) * gradient * gradient),
        Steps + 1);
}
