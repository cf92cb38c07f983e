using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// The yardstick: one whole pass for the features, then one whole pass per expert, and the logits mixed by the weights,
/// <c>(1 − Σ w_e) z_0 + Σ w_e z_e</c>. It costs 1 + E passes, where <see cref="AdapterBatch"/> needs one beside the features. For one
/// expert per row both compute the same; for mixtures this averages predictions, the other averages what experts add to each layer.
/// </summary>
/// <remarks>Shapes: B rows, T tokens, D hidden, E experts, V vocabulary.</remarks>
/// <param name="model">The backbone.</param>
/// <param name="adapters">The experts.</param>
public sealed class ReferenceMixture(CausalLanguageModel model, IReadOnlyList<LoraAdapter> adapters)
{
    /// <summary>Whole passes that one call makes.</summary>
    public int Passes => 1 + adapters.Count;

    /// <summary>Mixed logits.</summary>
    /// <param name="inputIds">Token ids, (B, T) int64.</param>
    /// <param name="weights">Weights of the experts in each row, (B, E); what is missing to 1 is the bare backbone's.</param>
    /// <param name="active">True from each row's invocation point on, (B, T) bool; holds back experts of mode Activated. Everywhere when null.</param>
    /// <returns>Logits, (B, T, V).</returns>
    public Tensor Logits(Tensor inputIds, Tensor weights, Tensor? active = null) => Logits(inputIds, _ => weights, active);

    /// <summary>Mixed logits, the weights made from the bare backbone's hidden states.</summary>
    /// <param name="inputIds">Token ids, (B, T) int64.</param>
    /// <param name="route">From final hidden states, (B, T, D), to weights, (B, E).</param>
    /// <param name="active">True from each row's invocation point on, (B, T) bool; holds back experts of mode Activated. Everywhere when null.</param>
    /// <returns>Logits, (B, T, V).</returns>
    public Tensor Logits(Tensor inputIds, Func<Tensor, Tensor> route, Tensor? active = null)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        ArgumentNullException.ThrowIfNull(route);
        using var scope = NewDisposeScope();
        var hidden = model.Encode(inputIds, ForwardOptions.Plain);                                                  // (B, T) -> (B, T, D)
        var weights = route(hidden);                                                                                // (B, E)
        if (weights.dim() != 2 || weights.shape[0] != inputIds.shape[0] || weights.shape[1] != adapters.Count)
        {
            throw new ArgumentException($"Weights have shape [{string.Join(", ", weights.shape)}], expected ({inputIds.shape[0]} rows, {adapters.Count} experts).", nameof(route));
        }

        var mixed = model.Head(hidden) * Share(1 - weights.sum(-1));                                                // (B, T, V)
        for (var expert = 0; expert < adapters.Count; expert++)
        {
            using var pass = NewDisposeScope();
            var adapter = adapters[expert];
            var delta = new AdapterDelta(adapter, adapter.Config.Mode == AdapterMode.Activated ? active : null);
            mixed.add_(model.Logits(inputIds, new ForwardOptions { Delta = delta }) * Share(weights.select(1, expert)));
        }

        return mixed.MoveToOuterDisposeScope();
    }

    private static Tensor Share(Tensor weights) => weights.view(-1, 1, 1);                                          // (B) -> (B, 1, 1)
}
