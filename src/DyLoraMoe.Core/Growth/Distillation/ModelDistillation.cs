using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Distillation;

/// <summary>How far a student was from its teacher after some steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Divergence">KL(teacher || student) in nats per token of held-out text.</param>
public sealed record DistillationPoint(int Step, double Divergence);

/// <summary>What a distillation came to.</summary>
/// <param name="Before">How far the student was at the start.</param>
/// <param name="After">How far it is at the end.</param>
/// <param name="TeacherTokens">Tokens that were learnt from the teacher alone or in part.</param>
/// <param name="Curve">Every measurement, the two ends included.</param>
public sealed record DistillationReport(double Before, double After, long TeacherTokens, IReadOnlyList<DistillationPoint> Curve);

/// <summary>
/// One model learns what another computes: <c>(1 − λ) T² KL(softmax(z_t / T) || softmax(z_s / T)) + λ CE</c>. From the smaller self to the
/// larger after noise (the third seed's distillation in reverse), from the larger to a smaller copy, or between equals. Held-out text that
/// it never learns from is the judge.
/// </summary>
public static class ModelDistillation
{
    /// <summary>Teaches <paramref name="student"/>.</summary>
    /// <param name="student">Learns; in float32, with at least the teacher's vocabulary.</param>
    /// <param name="teacher">Stays as it is.</param>
    /// <param name="source">What both read; its targets count only by the share that the options give to labels.</param>
    /// <param name="heldOut">The judge.</param>
    /// <param name="options">Steps and rates.</param>
    /// <param name="cancellation">Stops between steps; the student is then where it is.</param>
    public static DistillationReport Run(
        CausalLanguageModel student,
        CausalLanguageModel teacher,
        IBatchSource source,
        EvaluationSet heldOut,
        DistillationOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (student.Config.VocabularySize < teacher.Config.VocabularySize)
        {
            throw new ArgumentException($"The student knows {student.Config.VocabularySize} tokens, expected at least the teacher's {teacher.Config.VocabularySize}.", nameof(student));
        }

        using var step = TrainingStep.OfModel(student, new TrainingOptions { Beta2 = 0.99 });
        var curve = new List<DistillationPoint> { new(0, DivergenceGauge.Measure(teacher, student, heldOut)) };
        var tokens = 0L;
        for (var taken = 0; taken < options.Steps; taken++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = source.Next();
            Accumulate(student, teacher, batch, options, options.LabelsIn(taken));
            step.Apply(options.RateIn(taken));
            tokens += batch.LossTokens;
            if (taken + 1 == options.Steps || (taken + 1) % options.MeasureEvery == 0)
            {
                curve.Add(new DistillationPoint(taken + 1, DivergenceGauge.Measure(teacher, student, heldOut)));
            }
        }

        return new DistillationReport(curve[0].Divergence, curve[^1].Divergence, tokens, curve);
    }

    private static void Accumulate(CausalLanguageModel student, CausalLanguageModel teacher, PackedBatch batch, DistillationOptions options, double labels)
    {
        using var scope = NewDisposeScope();
        var tensors = BatchTensors.From(batch, student.Device);
        Tensor goal;
        using (no_grad())
        {
            goal = DivergenceGauge.LogProbabilities(teacher, tensors, temperature: options.Temperature);                                        // (N, V)
        }

        var logits = DivergenceGauge.Logits(student, tensors);                                                                                  // (N, V')
        var shared = logits.narrow(1, 0, goal.shape[1]);                                                                                        // (N, V)
        var own = nn.functional.log_softmax(shared / options.Temperature, -1);
        var loss = DivergenceGauge.Divergence(goal, own) * (options.Temperature * options.Temperature * (1 - labels));
        if (labels > 0)
        {
            loss += nn.functional.cross_entropy(logits, tensors.Targets, reduction: nn.Reduction.Sum) * labels;
        }

        (loss / Math.Max(1, batch.LossTokens)).backward();
    }
}
