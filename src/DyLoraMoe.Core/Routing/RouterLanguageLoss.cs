using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Fine-tunes a router's gate by what counts in the end, the language loss: the batch runs with the router's own weights, as it will be
/// served, and the gradient goes through them to the gate. Backbone and experts stay as they are.
/// </summary>
/// <remarks>Shapes: B rows of one sample each, T tokens, N targets, F features, E experts, D hidden, V vocabulary.</remarks>
public sealed class RouterLanguageLoss : IDisposable
{
    private readonly CausalLanguageModel _model;
    private readonly AdapterBank _bank;
    private readonly DynamicHybridRouter _router;
    private readonly RouterLanguageLossOptions _options;
    private readonly Parameter _gate;
    private readonly Parameter _bias;
    private readonly Adam _optimizer;

    /// <summary>Starts from a router.</summary>
    /// <param name="model">The frozen backbone.</param>
    /// <param name="bank">The router's experts, in its order.</param>
    /// <param name="router">The router; it stays as it is and must outlive this.</param>
    /// <param name="options">Rates and weights; the defaults when null.</param>
    public RouterLanguageLoss(CausalLanguageModel model, AdapterBank bank, DynamicHybridRouter router, RouterLanguageLossOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(router);
        _options = options ?? new RouterLanguageLossOptions();
        Validator.ValidateObject(_options, new ValidationContext(_options), validateAllProperties: true);
        if (bank.Adapters.Count != router.Experts.Count)
        {
            throw new ArgumentException($"The bank has {bank.Adapters.Count} adapters, the router {router.Experts.Count} experts; expected the same, in the same order.", nameof(bank));
        }

        _model = model;
        _bank = bank;
        _router = router;
        _gate = new Parameter(RouterTensors.Own(router.Tensors.Gate));
        _bias = new Parameter(RouterTensors.Own(router.Tensors.Bias));
        _optimizer = new Adam([_gate, _bias], lr: _options.Rate);
    }

    internal Parameter Gate => _gate;

    /// <summary>Takes one step on a batch.</summary>
    /// <param name="batch">Rows of one sample each: weights belong to a prompt.</param>
    /// <param name="features">The rows' prompts' features from the bare backbone, (B, F).</param>
    /// <param name="skills">Each row's skill, for load balancing over windows that mix them; none when null.</param>
    /// <returns>The language loss before the step, in nats per target token.</returns>
    public double Step(PackedBatch batch, Tensor features, IReadOnlyList<int>? skills = null) => Step(batch, features, skills, hold: null);

    /// <summary>The same with a further loss, of the gate and the bias.</summary>
    internal double Step(PackedBatch batch, Tensor features, IReadOnlyList<int>? skills, Func<Tensor, Tensor, Tensor>? hold)
    {
        using var scope = NewDisposeScope();
        _gate.grad = null;
        _bias.grad = null;
        var language = Backward(batch, features, skills);
        hold?.Invoke(_gate, _bias).backward();
        _optimizer.step();
        return language;
    }

    /// <summary>The router as it is now trained; the caller owns it.</summary>
    public DynamicHybridRouter ToRouter() => _router.WithGate(_gate, _bias, _ => false);

    /// <summary>Frees gate and optimizer.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        _gate.Dispose();
        _bias.Dispose();
    }

    /// <summary>Leaves the gradient in the gate and returns the language loss.</summary>
    internal double Backward(PackedBatch batch, Tensor features, IReadOnlyList<int>? skills = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.RowSamples.Any(samples => samples.Length != 1))
        {
            throw new ArgumentException("A row of the batch holds several samples; routing is per prompt, so give each row one.", nameof(batch));
        }

        if (features.shape[0] != batch.Rows)
        {
            throw new ArgumentException($"There are features of {features.shape[0]} prompts for {batch.Rows} rows, expected one each.", nameof(features));
        }

        using var scope = NewDisposeScope();
        var scores = RouterGate.Scores(_router.Tensors.Standardise(features), _gate, _bias);                            // (B, F) -> (B, 1 + E)
        var probabilities = RoutingLaw.Probabilities(scores, _router.FittedColumns, _router.Options.Temperature);
        var weights = RoutingLaw.Weights(probabilities, _router.Options.TopK, _router.Mode.Maturity, _options.ReachesUnchosen);
        var language = Loss(BatchTensors.From(batch, _model.Device), weights.to(ScalarType.Float32, _model.Device), batch.LossTokens);
        var loss = skills is null || _options.Balance <= 0
            ? language
            : language + (Balance(probabilities, skills) * (_options.Balance * (1 - _router.Mode.Maturity))).to(ScalarType.Float32, _model.Device);
        loss.backward();
        return language.item<float>();
    }

    private Tensor Balance(Tensor probabilities, IReadOnlyList<int> skills) =>
        LoadBalance.Of(probabilities, skills, 1 + _router.Experts.Count(expert => expert.IsFitted));

    private Tensor Loss(BatchTensors batch, Tensor weights, int targets)
    {
        using var scope = NewDisposeScope();
        using var delta = new AdapterBatch(_bank, weights, batch.Ids.shape[1], batch.Active);
        var hidden = _model.Encode(batch.Ids, batch.Packing with { Delta = delta });                                    // (B, T) -> (B, T, D)
        var scale = 1.0 / Math.Max(1, targets);
        if (_bank.Adapters.Any(adapter => adapter.Layers.ContainsKey(CausalLanguageModel.HeadPath)))
        {
            var logits = AtTargets(_model.Head(hidden, delta), batch).to_type(ScalarType.Float32);                      // (N, V)
            return (nn.functional.cross_entropy(logits, batch.Targets, reduction: nn.Reduction.Sum) * scale).view(1).MoveToOuterDisposeScope();
        }

        return HeadCrossEntropy.Of(AtTargets(hidden, batch), _model.HeadWeight, batch.Targets, scale).MoveToOuterDisposeScope();
    }

    private static Tensor AtTargets(Tensor values, BatchTensors batch)
    {
        var flat = values.view(-1, values.shape[^1]);                                                                   // (B, T, X) -> (B·T, X)
        return batch.At is { } at ? flat.index_select(0, at) : flat;                                                    // (N, X)
    }
}

/// <summary>How a gate is fine-tuned by the language loss.</summary>
public sealed record RouterLanguageLossOptions
{
    /// <summary>Steps of <see cref="RouterFineTuning"/>. Few: each is a pass of the backbone, and the gate is nearly right.</summary>
    [Range(1, 1_000_000)]
    public int Steps { get; init; } = 100;

    /// <summary>Samples of one step, the same number from every skill, at least one of each.</summary>
    [Range(1, 1 << 16)]
    public int Rows { get; init; } = 16;

    /// <summary>Seed of the order in which samples are seen.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Adam's rate. The default is low: the gate has been fitted on features, this only corrects it.</summary>
    [Range(1e-8, 10.0)]
    public double Rate { get; init; } = 2e-3;

    /// <summary>
    /// Whether experts that were not chosen learn too, as if they had been (their weight stays zero). Without it a prompt that goes to
    /// the bare backbone teaches nothing in sparse mode, because no weight takes part in its pass.
    /// </summary>
    public bool ReachesUnchosen { get; init; } = true;

    /// <summary>Weight of the load-balancing loss while the set is wholly immature; it fades as the least maturity rises.</summary>
    [Range(0.0, 10.0)]
    public double Balance { get; init; } = 0.01;
}
