using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>What exists of a formally infinite network: its weights, how they train, and how units come and go.</summary>
internal abstract class InfiniteBody : IDisposable
{
    private TrainingStep? _step;

    /// <summary>The training of what exists; another one after every resizing.</summary>
    public TrainingStep Step => _step ??= Start();

    /// <summary>How many units exist.</summary>
    public abstract int SizeOf(UnitAxis axis);

    /// <summary>The units of an axis.</summary>
    public abstract IReadOnlyList<UnitStrand> StrandsOf(UnitAxis axis);

    /// <summary>Keeps some units of an axis, in their order, and appends new ones that write nothing yet. The optimizer's memory goes along.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="kept">Which units stay.</param>
    /// <param name="added">How many are new.</param>
    /// <param name="seed">Seed of the new ones.</param>
    public abstract void Resize(UnitAxis axis, int[] kept, int added, long seed);

    /// <summary>Which layers have a sliding window; null for an expert.</summary>
    public virtual LayerWindows? Windows => null;

    /// <summary>Another size, with weights that mean nothing: those of a checkpoint are to be read into it.</summary>
    public abstract void SetSize(IReadOnlyDictionary<UnitAxis, int> sizes, LayerWindows? windows);

    /// <summary>Adds one batch's gradient.</summary>
    public abstract void Learn(PackedBatch batch, long lossTokens);

    /// <summary>Held-out loss, nats per token.</summary>
    public abstract double Evaluate(EvaluationSet heldOut, CancellationToken cancellation);

    /// <summary>Frees the optimizer's memory; what was trained stays.</summary>
    public void Dispose() => Replace(null);

    protected abstract TrainingStep Start();

    /// <summary>Ends the training of what there was before.</summary>
    protected void Replace(TrainingStep? step)
    {
        _step?.Dispose();
        _step = step;
    }
}
