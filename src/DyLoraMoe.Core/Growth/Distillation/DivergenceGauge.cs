using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Distillation;

/// <summary>How far a model is from another: KL(teacher || student) in nats per token, over the teacher's vocabulary.</summary>
public static class DivergenceGauge
{
    /// <summary>Measures it on held-out text.</summary>
    /// <param name="teacher">The model that is right.</param>
    /// <param name="student">The other one.</param>
    /// <param name="text">What neither was distilled on.</param>
    public static double Measure(CausalLanguageModel teacher, CausalLanguageModel student, EvaluationSet text)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(text);
        using var _ = no_grad();
        var (sum, count) = (0.0, 0L);
        foreach (var batch in text.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, teacher.Device);
            sum += Divergence(LogProbabilities(teacher, tensors), LogProbabilities(student, tensors, teacher.Config.VocabularySize)).item<float>();
            count += tensors.Targets.shape[0];
        }

        return count == 0 ? 0 : Math.Max(0, sum / count);
    }

    /// <summary>Log probabilities at the targeted positions, (N, V) float32.</summary>
    internal static Tensor LogProbabilities(CausalLanguageModel model, BatchTensors batch, long? vocabulary = null, double temperature = 1) =>
        nn.functional.log_softmax(Logits(model, batch, vocabulary) / temperature, -1);

    /// <summary>Logits at the targeted positions, (N, V) float32.</summary>
    internal static Tensor Logits(CausalLanguageModel model, BatchTensors batch, long? vocabulary = null)
    {
        var logits = TargetLogits.Of(model, TargetLogits.Hidden(model, batch, delta: null), delta: null);   // (N, V)
        return vocabulary is { } size && size < logits.shape[1] ? logits.narrow(1, 0, size) : logits;
    }

    internal static Tensor Divergence(Tensor teacher, Tensor student) => (teacher.exp() * (teacher - student)).sum();
}
