using System.Text.Json.Nodes;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>
/// A model whose predictions another one learns: <c>T² KL(softmax(z_t / T) || softmax(z_s / T))</c>
/// (<see href="https://arxiv.org/abs/1503.02531">Hinton and others</see>). From the smaller self to the larger after noise (the third seed's
/// distillation in reverse), from the larger to a smaller copy, or between equals.
/// </summary>
/// <param name="Model">The teacher; stays as it is.</param>
/// <remarks>Shapes: N targets, V the teacher's vocabulary, V' the student's.</remarks>
public sealed record Teacher(CausalLanguageModel Model)
{
    /// <summary>Divides the logits of both, so that unlikely tokens teach too; the loss is multiplied by its square.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Which batches are learnt from their own targets instead.</summary>
    public Handover Handover { get; init; } = Handover.Never;

    /// <summary>The loss of a batch, summed over its targets.</summary>
    internal Tensor Loss(CausalLanguageModel student, BatchTensors batch, bool checkpointing)
    {
        Tensor goal;
        using (no_grad())
        {
            goal = Predictions(TargetLogits.Of(Model, TargetLogits.Hidden(Model, batch, delta: null), delta: null));                         // (N, V)
        }

        var logits = TargetLogits.Of(student, TargetLogits.Hidden(student, batch, delta: null, checkpointing), delta: null);                    // (N, V')
        return DivergenceGauge.Between(goal, Predictions(logits)) * (Temperature * Temperature);
    }

    /// <summary>Refuses a student that cannot say what the teacher says.</summary>
    internal void RequireVocabulary(CausalLanguageModel student)
    {
        if (student.Config.VocabularySize < Model.Config.VocabularySize)
        {
            throw new ArgumentException($"The student knows {student.Config.VocabularySize} tokens, expected at least the teacher's {Model.Config.VocabularySize}.", nameof(student));
        }
    }

    /// <summary>What a checkpoint must have in common with the run that goes on from it.</summary>
    internal JsonObject Identity(CausalLanguageModel student) => new()
    {
        ["weights"] = RunIdentity.Content(Model),
        ["student's start"] = RunIdentity.Content(student),
        ["temperature"] = Temperature,
        ["data"] = new JsonArray(Handover.From, Handover.To, Handover.Batches),
    };

    private Tensor Predictions(Tensor logits) => nn.functional.log_softmax(logits.narrow(1, 0, Model.Config.VocabularySize) / Temperature, -1);   // (N, V)
}
