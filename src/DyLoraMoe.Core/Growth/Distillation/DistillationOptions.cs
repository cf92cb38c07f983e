using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Growth.Distillation;

/// <summary>How one model learns from another.</summary>
public sealed record DistillationOptions
{
    /// <summary>Optimizer steps.</summary>
    [Range(1, int.MaxValue)]
    public int Steps { get; init; } = 200;

    /// <summary>Highest rate, after a warm-up; it falls to a tenth along a cosine.</summary>
    [Range(0.0, 1.0)]
    public double Rate { get; init; } = 1e-3;

    /// <summary>Steps in which the rate rises.</summary>
    [Range(0, int.MaxValue)]
    public int WarmUpSteps { get; init; } = 10;

    /// <summary>Divides the logits of both, so that unlikely tokens teach too; the loss is multiplied by its square (<see href="https://arxiv.org/abs/1503.02531">Hinton and others</see>).</summary>
    [Range(0.1, 100.0)]
    public double Temperature { get; init; } = 1;

    /// <summary>Weight of the data's own targets in the first step. None by default: all is learnt from the teacher.</summary>
    [Range(0.0, 1.0)]
    public double LabelsAtStart { get; init; }

    /// <summary>Weight of the data's own targets in the last step, to which it goes in equal parts: a handover from teacher to data (<see href="https://arxiv.org/abs/2105.13880">knowledge inheritance</see>).</summary>
    [Range(0.0, 1.0)]
    public double LabelsAtEnd { get; init; }

    /// <summary>Steps between two looks at held-out text; null for the two ends only.</summary>
    [Range(1, int.MaxValue)]
    public int? MeasureEvery { get; init; }

    /// <summary>The rate in a step, counted from 0.</summary>
    internal double RateIn(int step)
    {
        if (step < WarmUpSteps)
        {
            return Rate * (step + 1) / WarmUpSteps;
        }

        var share = (double)(step - WarmUpSteps) / Math.Max(1, Steps - WarmUpSteps);
        return Rate * (0.1 + (0.45 * (1 + Math.Cos(Math.PI * share))));
    }

    /// <summary>Weight of the targets in a step, counted from 0.</summary>
    internal double LabelsIn(int step) => LabelsAtStart + ((LabelsAtEnd - LabelsAtStart) * step / Math.Max(1, Steps - 1));
}
