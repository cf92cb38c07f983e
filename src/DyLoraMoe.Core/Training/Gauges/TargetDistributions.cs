using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>The distributions that a model predicts at the targets of a batch.</summary>
/// <remarks>Shapes: N targets, D hidden, V vocabulary.</remarks>
internal static class TargetDistributions
{
    /// <summary>Final hidden states of the targets, (N, D).</summary>
    public static Tensor Hidden(CausalLanguageModel model, LoraAdapter? adapter, BatchTensors batch) =>
        TargetLogits.Hidden(model, batch, TargetLogits.Delta(batch, adapter, isTraining: false));

    /// <summary>Log-probabilities, (N, D) -> (N, V).</summary>
    public static Tensor Of(CausalLanguageModel model, LoraAdapter? adapter, Tensor hidden, BatchTensors batch) =>
        nn.functional.log_softmax(TargetLogits.Of(model, hidden, TargetLogits.HeadDelta(batch, adapter, isTraining: false)), -1);

    /// <summary>The sum of KL(p || q) over all targets.</summary>
    public static double Divergence(Tensor p, Tensor q) => (p.exp() * (p - q)).sum().item<float>();
}
