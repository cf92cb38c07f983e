using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Continual.Streams;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>
/// <see href="https://arxiv.org/abs/2310.14152">O-LoRA</see>: a new adapter for every visit, all earlier ones frozen and all
/// summed, and the loss plus <c>λ Σ_{i&lt;t} Σ |A_i A_tᵀ|</c>, so that a new adapter reads what the earlier ones do not. No router
/// and no task identity. A sum of frozen adapters is a change of weights, so the earlier ones are folded into this arm's own copy
/// of the backbone.
/// </summary>
/// <remarks>Shapes: R rank, P ranks of all earlier adapters, I inputs of a layer.</remarks>
internal sealed class OrthogonalLoraArm(ArmContext context) : IContinualArm
{
    /// <summary>λ, as the authors' scripts have it.</summary>
    private const double Weight = 0.5;

    private readonly Dictionary<string, Tensor> _earlier = new(StringComparer.Ordinal);
    private int _version;
    private long _parameters;

    public long AddedParameters => _parameters;

    public int Experts => _version;

    public Learnt Learn(SkillVisit visit, CancellationToken cancellation)
    {
        _version++;
        var config = new LoraConfig { Rank = context.Settings.Rank, Alpha = 2 * context.Settings.Rank };
        using var adapter = LoraAdapter.Create(context.Backbone, config, (long)context.Seed + visit.Stage);
        long tokens;
        using (var step = TrainingStep.OfExpert(context.Backbone, adapter, BudgetedTraining.Options(context.Settings)))
        {
            var source = BudgetedTraining.Source(visit.TrainTokens, context.Settings, context.Seed + (ulong)visit.Stage);
            tokens = BudgetedTraining.Run(step, source, visit.TokenBudget, context.Rate, context.Settings, cancellation, () => AddPenalty(adapter));
        }

        AdapterMerge.Merge(context.Backbone, adapter);
        _parameters += adapter.Parameters.Sum(parameter => parameter.numel());
        Remember(adapter);
        return new Learnt(tokens);
    }

    public Answerer AnswererFor(string skill, IReadOnlyList<TokenizedSample> samples) =>
        new(context.Backbone, _version == 0 ? Answerer.Backbone : $"{context.Identity}/{_version}");

    public void Dispose()
    {
        foreach (var rows in _earlier.Values)
        {
            rows.Dispose();
        }
    }

    /// <summary>Adds the penalty's gradient, <c>λ sign(A_t Pᵀ) P</c>.</summary>
    private void AddPenalty(LoraAdapter adapter)
    {
        using var _ = no_grad();
        foreach (var (path, layer) in adapter.Layers)
        {
            if (_earlier.TryGetValue(path, out var earlier))
            {
                using var scope = NewDisposeScope();
                Add(layer.A, nn.functional.linear(layer.A, earlier).sign().matmul(earlier) * Weight);   // (R, I), (P, I) -> (R, P) -> (R, I)
            }
        }
    }

    private static void Add(Parameter parameter, Tensor gradient)
    {
        if (parameter.grad is { } present)
        {
            present.add_(gradient);
        }
        else
        {
            parameter.grad = gradient;
        }
    }

    private void Remember(LoraAdapter adapter)
    {
        using var _ = no_grad();
        foreach (var (path, layer) in adapter.Layers)
        {
            using var earlier = _earlier.GetValueOrDefault(path);
            _earlier[path] = (earlier is null ? layer.A.detach().clone() : cat([earlier, layer.A.detach()], 0)).DetachFromDisposeScope();
        }
    }
}
