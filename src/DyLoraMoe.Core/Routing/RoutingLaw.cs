using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// From scores to weights, differentiable: <c>p = softmax(g / T)</c> over the fitted columns; dense weights are p; sparse weights are
/// <c>p / stop(Σ chosen p)</c> on the k likeliest, so that for k = 1 the value is 1 and the gradient that of log p; in between
/// <c>(1 − μ) dense + μ sparse</c>.
/// </summary>
/// <remarks>Shapes: B rows, C columns (the bare backbone first, then E experts).</remarks>
internal static class RoutingLaw
{
    /// <summary>Probabilities of the columns; exactly zero where a column is not fitted.</summary>
    /// <param name="scores">Scores g, (B, C).</param>
    /// <param name="isFitted">Which columns take part, (C) bool.</param>
    /// <param name="temperature">T.</param>
    public static Tensor Probabilities(Tensor scores, Tensor isFitted, double temperature)
    {
        using var scope = NewDisposeScope();
        return LogProbabilities(scores, isFitted, temperature).exp().MoveToOuterDisposeScope();
    }

    /// <summary>Their logarithms; minus infinity where a column is not fitted.</summary>
    public static Tensor LogProbabilities(Tensor scores, Tensor isFitted, double temperature)
    {
        using var scope = NewDisposeScope();
        return (scores / temperature).masked_fill(isFitted.logical_not(), double.NegativeInfinity).log_softmax(-1).MoveToOuterDisposeScope();   // (B, C)
    }

    /// <summary>Weights of the experts, (B, C) -> (B, E).</summary>
    /// <param name="probabilities">Probabilities p, (B, C).</param>
    /// <param name="topK">k.</param>
    /// <param name="maturity">μ, the share of the sparse part.</param>
    /// <param name="reachesUnchosen">Whether those not chosen get a gradient too, as if they had been; the values stay.</param>
    public static Tensor Weights(Tensor probabilities, int topK, double maturity, bool reachesUnchosen = false)
    {
        using var scope = NewDisposeScope();
        var all = maturity switch
        {
            <= 0 => probabilities,
            >= 1 => Sparse(probabilities, topK, reachesUnchosen),
            _ => (probabilities * (1 - maturity)) + (Sparse(probabilities, topK, reachesUnchosen) * maturity),
        };
        return all.narrow(1, 1, all.shape[1] - 1).MoveToOuterDisposeScope();
    }

    /// <summary>Entropy of each row as a share of its largest value, (B, C) -> (B); zero where there is no choice.</summary>
    public static Tensor Entropy(Tensor probabilities, int fitted)
    {
        using var scope = NewDisposeScope();
        var entropy = (probabilities * probabilities.clamp_min(1e-300).log()).sum(-1).neg();   // (B, C) -> (B)
        return (fitted > 1 ? (entropy / Math.Log(fitted)).clamp(0, 1) : zeros_like(entropy)).MoveToOuterDisposeScope();
    }

    private static Tensor Sparse(Tensor probabilities, int topK, bool reachesUnchosen)
    {
        var (_, chosen) = probabilities.topk((int)Math.Min(topK, probabilities.shape[1]), -1);          // (B, k)
        var mask = zeros_like(probabilities).scatter_(1, chosen, ones_like(chosen, probabilities.dtype));
        var kept = probabilities * mask;                                                                // (B, C)
        var share = kept.sum(-1, keepdim: true).detach();                                               // (B, 1)
        if (!reachesUnchosen)
        {
            return kept / share;
        }

        var others = probabilities * (1 - mask);
        return (kept + (others - others.detach())) / share;
    }
}
