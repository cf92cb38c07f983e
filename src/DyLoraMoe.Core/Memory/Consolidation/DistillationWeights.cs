using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>What counts how much while an episode is learnt.</summary>
public sealed record DistillationWeights
{
    /// <summary>KL(teacher || student) on the logits.</summary>
    [Range(0.0, 100.0)]
    public double Logits { get; init; } = 1;

    /// <summary>Distance of the hidden states of every layer, relative to their size.</summary>
    [Range(0.0, 100.0)]
    public double Hidden { get; init; } = 1;

    /// <summary>Cross entropy of the right answer. It teaches also where the teacher cannot: a small model makes little of a context.</summary>
    [Range(0.0, 100.0)]
    public double Correction { get; init; } = 1;

    /// <summary>
    /// Whether the teacher counts only by what the context tells it: by the share of the answer's loss that the context takes away. Off
    /// lets it count in full, also where it is wrong.
    /// </summary>
    public bool TrustByEvidence { get; init; } = true;

    /// <summary>Which tokens count; the question's own too with <see cref="LossOn.Everything"/>.</summary>
    public LossOn Loss { get; init; } = LossOn.Answer;

    /// <summary>Whether a teacher is asked at all.</summary>
    public bool HasTeacher => Logits > 0 || Hidden > 0;
}
