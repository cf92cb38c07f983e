using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>A router's numbers, on the CPU in float32.</summary>
/// <param name="Gate">W, (1 + E, F); a row of zeros where nothing has been fitted.</param>
/// <param name="Bias">b, (1 + E).</param>
/// <param name="Mean">Mean of the features, (F).</param>
/// <param name="Scale">Scale of the features, (F).</param>
internal sealed record RouterTensors(Tensor Gate, Tensor Bias, Tensor Mean, Tensor Scale) : IDisposable
{
    public static Tensor Own(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return values.detach().to(ScalarType.Float32, CPU, copy: true).contiguous().DetachFromDisposeScope();
    }

    public RouterTensors Copy() => new(Own(Gate), Own(Bias), Own(Mean), Own(Scale));

    /// <summary>Features at one scale: each has spread 1 over the anchors and a whole prompt length about 1, whatever their number. (B, F) -> (B, F) float64.</summary>
    public Tensor Standardise(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.dim() != 2 || features.shape[1] != Mean.shape[0])
        {
            throw new ArgumentException($"Features have shape [{string.Join(", ", features.shape)}], expected (prompts, {Mean.shape[0]}).", nameof(features));
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var exact = features.detach().to(ScalarType.Float64, CPU);
        if (!exact.isfinite().all().item<bool>())
        {
            throw new ArgumentException("Features hold values that are not finite; the backbone's hidden states have overflowed.", nameof(features));
        }

        return ((exact - Mean) / (Scale.to_type(ScalarType.Float64) * Math.Sqrt(Mean.shape[0]))).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Gate.Dispose();
        Bias.Dispose();
        Mean.Dispose();
        Scale.Dispose();
    }
}

/// <summary>The gate's one product.</summary>
internal static class RouterGate
{
    /// <summary><c>x̂ Wᵀ + b</c> in the type of <paramref name="standardised"/>, (B, F) -> (B, 1 + E).</summary>
    public static Tensor Scores(Tensor standardised, Tensor gate, Tensor bias) =>
        nn.functional.linear(standardised, gate.to_type(standardised.dtype), bias.to_type(standardised.dtype));
}
