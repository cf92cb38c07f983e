using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>How far a model is from another: KL(teacher || student) in nats per token, over the teacher's vocabulary.</summary>
/// <remarks>Shapes: N targets, n of a slice, D hidden, V the teacher's vocabulary.</remarks>
public static class DivergenceGauge
{
    private const long LogitsAtOnce = 1L << 22;

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
        var step = Math.Max(1, LogitsAtOnce / teacher.Config.VocabularySize);
        foreach (var batch in text.Batches(new EvaluationOptions()))
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch.Batch, teacher.Device);
            var (goal, own) = (TargetLogits.Hidden(teacher, tensors, delta: null), TargetLogits.Hidden(student, tensors, delta: null));   // (N, D)
            for (var first = 0L; first < goal.shape[0]; first += step)
            {
                using var part = NewDisposeScope();
                var size = Math.Min(step, goal.shape[0] - first);
                sum += Between(Predictions(teacher, goal), Predictions(student, own)).item<float>();

                Tensor Predictions(CausalLanguageModel model, Tensor hidden) => nn.functional.log_softmax(
                    TargetLogits.Of(model, hidden.narrow(0, first, size), delta: null).narrow(1, 0, teacher.Config.VocabularySize), -1);   // (n, V)
            }

            count += goal.shape[0];
        }

        return count == 0 ? 0 : Math.Max(0, sum / count);
    }

    /// <summary>KL between log probabilities, (N, V), summed over the N.</summary>
    internal static Tensor Between(Tensor teacher, Tensor student) => (teacher.exp() * (teacher - student)).sum();
}
