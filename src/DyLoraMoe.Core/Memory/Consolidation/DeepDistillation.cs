using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>
/// Deep context distillation (<see href="https://arxiv.org/abs/2503.08727">2503.08727</see>): the student, without the context, is to have the
/// logits and the hidden states that the teacher has with it. With targets n, layers l and the teacher's trust τ in each:
/// <code>
/// 1/N Σ_n τ_n [ λ KL(p_n || q_n) + η 1/L Σ_l |h_nl − g_nl|₁ / |h_nl|₁ ] − κ 1/N Σ_n log q_n(answer)
/// </code>
/// Teacher and student are the same backbone; the teacher has the expert as it was before, and no gradient.
/// </summary>
/// <param name="model">The backbone.</param>
/// <param name="teacher">The expert as it was.</param>
/// <param name="weights">λ, η and κ.</param>
/// <remarks>Shapes: B lessons, N targets, L layers, D hidden, V vocabulary.</remarks>
internal sealed class DeepDistillation(CausalLanguageModel model, LoraAdapter teacher, DistillationWeights weights)
{
    /// <summary>The loss of some lessons, a scalar in the caller's scope.</summary>
    /// <param name="lessons">The lessons.</param>
    /// <param name="trust">How far the teacher is believed in each, 0 to 1.</param>
    /// <param name="student">The expert that learns.</param>
    public Tensor Loss(IReadOnlyList<EpisodeLesson> lessons, IReadOnlyList<double> trust, LoraAdapter student)
    {
        using var scope = NewDisposeScope();
        var batch = BatchOf([.. lessons.Select(lesson => lesson.Alone)]);
        using var seen = weights.HasTeacher ? new TargetStates(batch.At) : null;
        var own = LogProbabilities(batch, student, isTraining: true, seen);                                             // (N, V)
        var loss = own.gather(1, batch.Targets.unsqueeze(1)).mean() * -weights.Correction;
        if (seen is not null)
        {
            var believed = tensor(lessons.SelectMany((lesson, at) => Enumerable.Repeat((float)trust[at], lesson.Alone.LossTokens)).ToArray(), device: model.Device);
            loss += (Distance([.. lessons.Select(lesson => lesson.InContext)], own, seen) * believed).mean();
        }

        return loss.MoveToOuterDisposeScope();
    }

    // (N): what separates the student from the teacher at every target.
    private Tensor Distance(IReadOnlyList<TokenizedSample> inContext, Tensor own, TargetStates student)
    {
        using var scope = NewDisposeScope();
        var batch = BatchOf(inContext);
        using var seen = new TargetStates(batch.At);
        Tensor goal;
        using (no_grad())
        {
            goal = LogProbabilities(batch, teacher, isTraining: false, seen);                                           // (N, V)
        }

        var distance = (goal.exp() * (goal - own)).sum(-1) * weights.Logits;                                            // (N)
        foreach (var (taught, learnt) in seen.Layers.Zip(student.Layers))
        {
            var relative = (taught - learnt).abs().sum(-1) / taught.abs().sum(-1).clamp_min(1e-6);                      // (N, D) -> (N)
            distance += relative * (weights.Hidden / seen.Layers.Count);
        }

        return distance.MoveToOuterDisposeScope();
    }

    private Tensor LogProbabilities(BatchTensors batch, LoraAdapter adapter, bool isTraining, TargetStates? states)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Encode(batch.Ids, batch.Packing with { Delta = TargetLogits.Delta(batch, adapter, isTraining), Observer = states });   // (B, T, D)
        var flat = hidden.view(-1, hidden.shape[^1]);                                                                                            // (B·T, D)
        var targeted = batch.At is { } at ? flat.index_select(0, at) : flat;                                                                     // (N, D)
        var logits = TargetLogits.Of(model, targeted, TargetLogits.HeadDelta(batch, adapter, isTraining));                                       // (N, V)
        return nn.functional.log_softmax(logits, -1).MoveToOuterDisposeScope();
    }

    private BatchTensors BatchOf(IReadOnlyList<TokenizedSample> samples)
    {
        int[][] rows = [.. Enumerable.Range(0, samples.Count).Select(row => new[] { row })];
        return BatchTensors.From(PackedBatch.Of(samples, rows, samples.Max(sample => sample.Positions)), model.Device);
    }

    /// <summary>The states of every layer at the targets, (N, D) each, the embeddings left out: they are the same for both.</summary>
    private sealed class TargetStates(Tensor? at) : ILayerObserver, IDisposable
    {
        public List<Tensor> Layers { get; } = [];

        public void Observe(int layer, Tensor hidden)
        {
            if (layer > 0)
            {
                using var scope = NewDisposeScope();
                var flat = hidden.view(-1, hidden.shape[^1]);                                                            // (B, T, D) -> (B·T, D)
                Layers.Add((at is null ? flat.clone() : flat.index_select(0, at)).DetachFromDisposeScope());
            }
        }

        public void Dispose() => Layers.ForEach(layer => layer.Dispose());
    }
}
