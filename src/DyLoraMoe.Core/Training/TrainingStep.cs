using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training.Distillation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// One optimizer step on a whole model or on one adapter. The loss is cross entropy in float32, averaged over the target
/// tokens of all batches of the step, so that how a step is cut into batches does not matter.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    private readonly CausalLanguageModel _model;
    private readonly LoraAdapter? _adapter;
    private readonly TrainingOptions _options;
    private readonly ContextStore? _contexts;
    private readonly bool _ownsContexts;
    private readonly Tensor _lossSum;
    private int _lossSteps;

    private TrainingStep(CausalLanguageModel model, LoraAdapter? adapter, IEnumerable<(string Name, Parameter Parameter)> parameters, TrainingOptions options, ContextStore? contexts)
    {
        options.Validate();
        _model = model;
        _adapter = adapter;
        _options = options;
        List<(string Name, Parameter Parameter)> all = [.. parameters];
        Parameters = [.. all.Where(pair => Trains(pair.Name, options.Gradient))];
        if (Parameters.Count == 0)
        {
            throw new ArgumentException($"Gradient is {options.Gradient}, but nothing of what trains acts on a query projection. Have q_proj among the adapter's targets, or choose another gradient.", nameof(parameters));
        }

        foreach (var (_, parameter) in all)
        {
            parameter.requires_grad = false;
        }

        foreach (var (name, parameter) in Parameters)
        {
            if (parameter.dtype != ScalarType.Float32)
            {
                throw new ArgumentException($"'{name}' is {parameter.dtype}, expected Float32: in a shorter type AdamW's small updates vanish. Load what trains in float32.", nameof(parameters));
            }

            parameter.requires_grad = true;
        }

        Optimizer = options.Apollo is null ? new AdamWOptimizer(Parameters, options) : new ApolloOptimizer(Parameters, options);
        _lossSum = zeros(1, device: model.Device).DetachFromDisposeScope();
        if (options.Gradient != GradientScope.Everywhere && adapter?.Config.Mode == AdapterMode.Activated)
        {
            _ownsContexts = contexts is null;
            _contexts = contexts ?? new ContextStore(model);
            _contexts.Begin(model);
        }
    }

    /// <summary>What trains, by name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>The norm of the last step's gradient before clipping; null when the options do not clip, or before the first step.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>Bytes of what the optimizer remembers.</summary>
    public long OptimizerBytes => Optimizer.Memories.Sum(memory => memory.Tensors.Sum(part => part.Tensor.numel() * part.Tensor.ElementSize));

    internal IWeightOptimizer Optimizer { get; }

    /// <summary>Trains every weight of <paramref name="model"/>.</summary>
    /// <param name="model">The model; becomes trainable.</param>
    /// <param name="options">Batch, clipping and optimizer.</param>
    public static TrainingStep OfModel(CausalLanguageModel model, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new TrainingStep(model, null, model.named_parameters().Select(pair => (pair.name, pair.parameter)), options, contexts: null);
    }

    /// <summary>Trains <paramref name="adapter"/>; the backbone stays as it is.</summary>
    /// <param name="backbone">The frozen model.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="options">Batch, clipping and optimizer.</param>
    /// <param name="contexts">Contexts shared with other experts, for one of mode <c>Activated</c> that trains with a detached context; a store of its own when null.</param>
    /// <exception cref="NotSupportedException">Layers would be computed again with another dropout than the first time.</exception>
    public static TrainingStep OfExpert(CausalLanguageModel backbone, LoraAdapter adapter, TrainingOptions options, ContextStore? contexts = null)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(options);
        if (options.GradientCheckpointing && adapter.Config.Dropout > 0 && backbone.Device.type != DeviceType.CPU)
        {
            // Only the CPU's generator can be put back for the second time.
            throw new NotSupportedException(
                $"Gradient checkpointing computes each layer twice, and on {backbone.Device} dropout cannot be drawn the same both times: the gradient would be wrong. Leave one of the two out, or train on the CPU; the dropout is {adapter.Config.Dropout}.");
        }

        foreach (var parameter in backbone.parameters())
        {
            parameter.requires_grad = false;
        }

        return new TrainingStep(backbone, adapter, adapter.NamedParameters, options, contexts);
    }

    /// <summary>Takes one step.</summary>
    /// <param name="batches">The step's batches.</param>
    /// <param name="rate">The rate, absolute.</param>
    public void Take(MicroBatches batches, double rate)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (var batch in batches.Batches)
        {
            Accumulate(batch, batches.LossTokens);
        }

        Apply(rate);
    }

    /// <summary>Adds one batch's gradient to those of the step under way.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="lossTokens">Target tokens of all batches of the step.</param>
    public void Accumulate(PackedBatch batch, long lossTokens)
    {
        using var scope = NewDisposeScope();
        var tensors = BatchTensors.From(batch, _model.Device);
        var hidden = Hidden(batch, tensors);                                                                            // (N, D)
        var loss = Loss(hidden, tensors, 1.0 / Math.Max(1, lossTokens));
        loss.backward();
        _lossSum.add_(loss.detach());
    }

    /// <summary>Adds the gradient of a loss of the caller's making to those of the step under way.</summary>
    /// <param name="loss">Computes the loss, a scalar; called once.</param>
    internal void Accumulate(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var value = loss();
        value.backward();
        _lossSum.add_(value.detach());
    }

    /// <summary>
    /// Adds the gradient of a distillation: the mean over target tokens of KL(teacher || adapter under training), mixed with the
    /// cross entropy of the targets, as <see href="https://arxiv.org/abs/1503.02531">Hinton and others</see> do, at a temperature of one.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="teacher">The adapter to learn from, of the same mode; null for the bare backbone.</param>
    /// <param name="lossTokens">Target tokens of all batches of the step.</param>
    /// <param name="labels">Weight of the targets' cross entropy, 0 to 1; the teacher has the rest.</param>
    public void Distil(PackedBatch batch, LoraAdapter? teacher, long lossTokens, double labels = 0)
    {
        using var scope = NewDisposeScope();
        var tensors = BatchTensors.From(batch, _model.Device);
        Tensor goal;
        using (no_grad())
        {
            var taught = TargetLogits.Hidden(_model, tensors, TargetLogits.Delta(tensors, teacher, isTraining: false));
            goal = nn.functional.log_softmax(TargetLogits.Of(_model, taught, TargetLogits.HeadDelta(tensors, teacher, isTraining: false)), -1);  // (N, V)
        }

        var hidden = Hidden(batch, tensors);                                                                            // (N, D)
        var own = nn.functional.log_softmax(TargetLogits.Of(_model, hidden, TargetLogits.HeadDelta(tensors, _adapter, isTraining: true)), -1);   // (N, V)
        var divergence = DivergenceGauge.Between(goal, own);
        var entropy = own.gather(1, tensors.Targets.unsqueeze(1)).sum() * -1;
        var loss = ((divergence * (1 - labels)) + (entropy * labels)) / Math.Max(1, lossTokens);
        loss.backward();
        _lossSum.add_(loss.detach());
    }

    /// <summary>Adds the gradient of what another model predicts, averaged over target tokens.</summary>
    /// <param name="batch">The batch; its own targets do not count.</param>
    /// <param name="teacher">The other model.</param>
    /// <param name="lossTokens">Target tokens of all batches of the step.</param>
    public void Distil(PackedBatch batch, Teacher teacher, long lossTokens)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        Accumulate(() => teacher.Loss(_model, BatchTensors.From(batch, _model.Device), _options.GradientCheckpointing) / Math.Max(1, lossTokens));
    }

    /// <summary>Clips the gradient, updates the weights and clears the gradient.</summary>
    /// <param name="rate">The rate, absolute.</param>
    public void Apply(double rate)
    {
        if (_options.ClipNorm is { } limit)
        {
            GradientNorm = nn.utils.clip_grad_norm_(Parameters.Select(pair => pair.Parameter).Where(HasGradient), limit);
        }

        Optimizer.Step(rate);
        ClearGradients();
        _lossSteps++;
    }

    /// <summary>Applies the gradient, unless its loss tells that something is wrong: then the gradient is dropped. Waits for the device.</summary>
    /// <param name="rate">The rate, absolute.</param>
    /// <param name="isSound">Judges the mean loss of the steps since <see cref="TakeLoss"/>, with this one's; in nats per target token.</param>
    internal void ApplyIf(double rate, Func<double, bool> isSound)
    {
        _lossSteps++;
        if (TakeLoss() is { } loss && isSound(loss))
        {
            Apply(rate);
            _lossSteps = 0;
        }
        else
        {
            ClearGradients();
        }
    }

    /// <summary>The mean loss of the steps since the last call, in nats per target token; waits for the device. Null when there was none.</summary>
    public double? TakeLoss()
    {
        if (_lossSteps == 0)
        {
            return null;
        }

        var mean = _lossSum.item<float>() / (double)_lossSteps;
        _lossSum.zero_();
        _lossSteps = 0;
        return mean;
    }

    /// <summary>Limits that follow from the norms of earlier steps begin anew, as they must when the data become of another kind or the model has grown.</summary>
    public void ForgetNorms() => Optimizer.ForgetNorms();

    /// <summary>Frees the optimizer's memory; weights stay.</summary>
    public void Dispose()
    {
        ClearGradients();
        Optimizer.Dispose();
        _lossSum.Dispose();
        if (_ownsContexts)
        {
            _contexts!.Dispose();
        }
    }

    private static bool Trains(string name, GradientScope scope) =>
        scope != GradientScope.DetachedContextQueries || name.Contains(".q_proj.", StringComparison.Ordinal);

    private Tensor Hidden(PackedBatch batch, BatchTensors tensors) => _options.Gradient == GradientScope.Everywhere || batch.LossTokens == 0
        ? TargetLogits.Hidden(_model, tensors, TargetLogits.Delta(tensors, _adapter, isTraining: true), _options.GradientCheckpointing)
        : DetachedPass.Hidden(_model, batch, _adapter, Encoder(), _options.GradientCheckpointing);

    // Without a store a context is read with the weights as they are now, and forgotten with the step.
    private Func<long[], EncodedContext> Encoder() => _contexts is null ? ids => ContextEncoder.Encode(_model, ids, _adapter is null ? null : new AdapterDelta(_adapter)) : _contexts.Of;

    private Tensor Loss(Tensor hidden, BatchTensors batch, double scale)
    {
        if (_adapter is null || !_adapter.Layers.ContainsKey(CausalLanguageModel.HeadPath))
        {
            return HeadCrossEntropy.Of(hidden, _model.HeadWeight, batch.Targets, scale);
        }

        var logits = TargetLogits.Of(_model, hidden, TargetLogits.HeadDelta(batch, _adapter, isTraining: true));                                 // (N, D) -> (N, V)
        return nn.functional.cross_entropy(logits, batch.Targets, reduction: nn.Reduction.Sum) * scale;
    }

    private static bool HasGradient(Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is not null;
    }

    private void ClearGradients()
    {
        // Dropped, not zeroed: the next backward pass then stores its gradient instead of adding to zeros.
        foreach (var (_, parameter) in Parameters)
        {
            parameter.grad = null;
        }
    }
}
