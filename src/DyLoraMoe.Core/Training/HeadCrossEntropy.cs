using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Head and cross entropy as one operation, <c>Σ −log softmax(W h)[target] · scale</c>, in slices of positions. The gradient,
/// <c>softmax − onehot</c>, is formed in place where the probabilities are and used at once, so the logits of a step never exist
/// together: the memory is that of one slice, small enough to stay in cache.
/// </summary>
/// <remarks>Shapes: N targets, n of a slice, D hidden, V vocabulary. Known as a fused linear cross entropy.</remarks>
internal sealed class HeadCrossEntropy : autograd.SingleTensorFunction<HeadCrossEntropy>
{
    // Four MiB of float32 logits: about a core's share of cache, and long enough for an efficient product.
    private const long LogitsAtOnce = 1L << 20;
    private const long LeastPositions = 128;

    /// <inheritdoc/>
    public override string Name => nameof(HeadCrossEntropy);

    /// <param name="hidden">Hidden states, (N, D); must require a gradient.</param>
    /// <param name="head">The head's matrix, (V, D); gets a gradient if it asks for one.</param>
    /// <param name="targets">Targets, (N) int64.</param>
    /// <param name="scale">Factor on the sum.</param>
    /// <returns>The loss in float32, a single value.</returns>
    public static Tensor Of(Tensor hidden, Tensor head, Tensor targets, double scale) => apply(hidden, head, targets, scale);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (hidden, head, targets, scale) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (double)vars[3]);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var loss = zeros(1, ScalarType.Float32, hidden.device);
        var hiddenGradient = empty_like(hidden);                                                        // (N, D)
        var headGradient = head.requires_grad ? zeros_like(head) : null;                                // (V, D)
        var (count, step) = (hidden.shape[0], Math.Max(LeastPositions, LogitsAtOnce / head.shape[0]));
        for (var first = 0L; first < count; first += step)
        {
            using var slice = NewDisposeScope();
            var size = Math.Min(step, count - first);
            var h = hidden.narrow(0, first, size);                                                      // (n, D)
            var target = targets.narrow(0, first, size).unsqueeze(1);                                   // (n, 1)
            var logits = nn.functional.linear(h, head).to_type(ScalarType.Float32);                     // (n, D) -> (n, V)
            var gradient = nn.functional.log_softmax(logits, -1);                                       // (n, V)
            loss.add_(gradient.gather(1, target).sum(), -scale);
            gradient.exp_().scatter_add_(1, target, full_like(target, -1, ScalarType.Float32));
            gradient = gradient.to_type(head.dtype);
            hiddenGradient.narrow(0, first, size).addmm_(gradient, head, beta: 0, alpha: (float)scale); // (n, V) -> (n, D)
            headGradient?.addmm_(gradient.t(), h, beta: 1, alpha: (float)scale);                        // (V, D)
        }

        List<Tensor> gradients = headGradient is null ? [hiddenGradient] : [hiddenGradient, headGradient];
        ctx.save_for_backward(gradients.ConvertAll(gradient => gradient.MoveToOuterDisposeScope()));
        return loss.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var gradients = ctx.get_saved_variables();
        return [gradients[0] * grad_output.to_type(gradients[0].dtype), gradients.Count > 1 ? gradients[1] * grad_output.to_type(gradients[1].dtype) : null!, null!, null!];
    }
}
