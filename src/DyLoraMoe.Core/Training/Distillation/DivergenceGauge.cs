using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>How far a model is from another: KL(teacher || student) in nats per token, over the teacher's vocabulary.</summary>
/// <remarks>Shapes: N targets, V the teacher's vocabulary.</remarks>
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
        return new Predictor(teacher, null).Divergence(new Predictor(student, null), text);
    }

    /// <summary>KL between log probabilities, (N, V), summed over the N.</summary>
    internal static Tensor Between(Tensor teacher, Tensor student) => (teacher.exp() * (teacher - student)).sum();
}
