using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>A skill's samples in a few dimensions, in memory.</summary>
/// <param name="Training">Projected features of training samples, (N, K) float64.</param>
/// <param name="HeldOut">Projected features of held-out samples, (M, K) float64.</param>
/// <param name="TrainingGradients">Gradients of training samples, (N, G) float64.</param>
/// <param name="HeldOutGradients">Gradients of held-out samples, (M, G) float64.</param>
internal sealed record SkillVectors(Tensor Training, Tensor HeldOut, Tensor TrainingGradients, Tensor HeldOutGradients) : IDisposable
{
    public void Dispose()
    {
        Training.Dispose();
        HeldOut.Dispose();
        TrainingGradients.Dispose();
        HeldOutGradients.Dispose();
    }
}
