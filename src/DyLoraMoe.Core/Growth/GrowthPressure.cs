using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>
/// What a growth promises before anything has been learnt: the squared norm of the loss's gradient in its new writers, for their number. A step of gradient
/// descent gains as much per weight and unit of rate at first, as in <see href="https://arxiv.org/abs/2201.05125">GradMax</see>. Every other new weight has
/// no gradient yet, since what it feeds writes nothing.
/// </summary>
public static class GrowthPressure
{
    // The gradient needs every intermediate result of a batch.
    private static readonly EvaluationOptions _batches = new() { TokensPerBatch = 2048 };

    /// <summary>Measures it.</summary>
    /// <param name="grown">The model right after growth, without noise; frozen before and after.</param>
    /// <param name="plan">How it grew.</param>
    /// <param name="samples">What it is to become better at.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Squared nats per token, for each new weight that writes; 0 where there is none, or nothing to predict.</returns>
    public static double Of(CausalLanguageModel grown, GrowthPlan plan, IReadOnlyList<TokenizedSample> samples, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(grown);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(samples);
        using var scope = NewDisposeScope();
        var writers = Writers(grown, plan);
        var batches = EvaluationSet.OfSamples(samples).Batches(_batches).Select(batch => batch.Batch).Where(batch => batch.LossTokens > 0).ToList();
        if (writers.Count == 0 || batches.Count == 0)
        {
            return 0;
        }

        try
        {
            foreach (var (weight, _) in writers)
            {
                weight.requires_grad = true;
            }

            Accumulate(grown, batches, cancellation);
            return Squares(writers) / writers.Sum(writer => writer.IsNew.sum().item<long>());
        }
        finally
        {
            foreach (var (weight, _) in writers)
            {
                weight.requires_grad = false;
                weight.grad = null;
            }
        }
    }

    private static List<(Parameter Weight, Tensor IsNew)> Writers(CausalLanguageModel grown, GrowthPlan plan)
    {
        var parameters = grown.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        return
        [
            .. WeightLayout.Of(plan.After)
                .Where(weight => weight.Role is WeightRole.Writer or WeightRole.Embedding)
                .Select(weight => (parameters[weight.Name], plan.IsNew(weight.Name).to(grown.Device)))
                .Where(writer => writer.Item2.any().item<bool>()),
        ];
    }

    private static void Accumulate(CausalLanguageModel grown, List<PackedBatch> batches, CancellationToken cancellation)
    {
        var tokens = batches.Sum(batch => (long)batch.LossTokens);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.From(batch, grown.Device);
            HeadCrossEntropy.Of(TargetLogits.Hidden(grown, tensors, delta: null), grown.HeadWeight, tensors.Targets, 1.0 / tokens).backward();
        }
    }

    private static double Squares(List<(Parameter Weight, Tensor IsNew)> writers)
    {
        using var scope = NewDisposeScope();
        return writers.Sum(writer => writer.Weight.grad is { } gradient ? (gradient.to_type(ScalarType.Float32).square() * writer.IsNew).sum().item<float>() : 0.0);
    }
}
