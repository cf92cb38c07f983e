using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Runs a layer without keeping its intermediate results and computes them again when the gradient comes back.
/// See <see href="https://arxiv.org/abs/1604.06174">Training deep nets with sublinear memory cost</see>.
/// </summary>
internal sealed class Checkpoint : autograd.SingleTensorFunction<Checkpoint>
{
    private const string Layer = "layer";
    private const string Pass = "pass";
    private const string Seed = "random state";

    /// <inheritdoc/>
    public override string Name => nameof(Checkpoint);

    /// <param name="layer">The layer to run.</param>
    /// <param name="hidden">Its input, (B, T, D); must require a gradient for the layer's own weights to get one.</param>
    /// <param name="pass">Makes the layer's shared inputs, once for each time it runs: those of the first run are gone by then.</param>
    public static Tensor Run(DecoderLayer layer, Tensor hidden, Func<LayerPass> pass) => apply(hidden, layer, pass);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (hidden, layer, pass) = ((Tensor)vars[0], (DecoderLayer)vars[1], (Func<LayerPass>)vars[2]);
        ctx.save_for_backward([hidden]);
        ctx.save_data(Layer, layer);
        ctx.save_data(Pass, pass);
        ctx.save_data(Seed, RandomState.Capture());
        return layer.call(hidden, pass());
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var state = ((RandomState)ctx.get_data(Seed)!).Replay();
        using var _ = enable_grad();
        var hidden = ctx.get_saved_variables()[0].detach().requires_grad_(true);
        var output = ((DecoderLayer)ctx.get_data(Layer)!).call(hidden, ((Func<LayerPass>)ctx.get_data(Pass)!)());
        output.backward([grad_output]);
        return [hidden.grad!.MoveToOuterDisposeScope(), null!, null!];
    }
}
