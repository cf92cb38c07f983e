using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Folds an adapter into a copy of the weights it acts on, and takes it out again.</summary>
public static class AdapterMerge
{
    /// <summary>Adds <c>s · B A</c> to every adapted layer: the model then computes alone what it computed with the adapter.</summary>
    /// <param name="model">The model to change.</param>
    /// <param name="adapter">An adapter of mode Full.</param>
    public static void Merge(CausalLanguageModel model, LoraAdapter adapter) => Add(model, adapter, 1);

    /// <summary>Undoes <see cref="Merge"/>, up to rounding.</summary>
    /// <param name="model">The model to change back.</param>
    /// <param name="adapter">The adapter that was merged.</param>
    public static void Unmerge(CausalLanguageModel model, LoraAdapter adapter) => Add(model, adapter, -1);

    private static void Add(CausalLanguageModel model, LoraAdapter adapter, double sign)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapter);
        if (adapter.Config.Mode == AdapterMode.Activated)
        {
            throw new InvalidOperationException("An Activated adapter cannot be merged: it acts on part of a sequence, weights act on all of it.");
        }

        using var _ = no_grad();
        foreach (var (path, layer) in adapter.Layers)
        {
            using var scope = NewDisposeScope();
            var weight = model.Projections[path].Weight;
            weight.copy_(weight.to_type(ScalarType.Float32) + (layer.Delta() * sign));
        }
    }
}
