using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.Tests.Autograd;

public sealed class CustomFunctionTests
{
    [Fact]
    public void Forward_and_backward_of_a_custom_function_are_used()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3f], requires_grad: true);
        var y = CubeWithWrongGradient.apply(x, 10.0);
        Assert.Equal(27f, y.item<float>());
        y.backward();
        Assert.Equal(270f, x.grad!.item<float>());
    }

    [Fact]
    public void A_function_with_two_outputs_gets_both_gradients()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f], requires_grad: true);
        var y = tensor([5f], requires_grad: true);
        var result = SumAndProduct.apply(x, y);
        (result[0] * 100 + result[1]).backward();
        Assert.Equal(105f, x.grad!.item<float>());
        Assert.Equal(102f, y.grad!.item<float>());
    }

    [Fact]
    public void A_missing_gradient_becomes_zeros()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f], requires_grad: true);
        var y = tensor([5f], requires_grad: true);
        SumAndProduct.apply(x, y)[1].backward();
        Assert.Equal(5f, x.grad!.item<float>());
    }

    [Fact]
    public void Without_recording_only_the_forward_pass_runs()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3f], requires_grad: true);
        using (no_grad())
        {
            Assert.False(CubeWithWrongGradient.apply(x, 1.0).requires_grad);
        }
    }

    [Fact]
    public void A_backward_pass_may_run_inside_a_backward_pass()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.5f, 1.5f], requires_grad: true);
        var w = tensor([2f, 3f], requires_grad: true);
        Checkpoint.Body = input => (input * w).sin();
        Checkpoint.apply(x).sum().backward();
        var expected = (w * (x * w).cos()).detach();
        Assert.True(expected.allclose(x.grad!));
        Assert.True((x * (x * w).cos()).detach().allclose(w.grad!));
    }

    [Fact]
    public void Nested_checkpoints_work()
    {
        using var scope = NewDisposeScope();
        var x = tensor([0.5f], requires_grad: true);
        Checkpoint.Body = input => input * input;
        var y = x;
        for (var depth = 0; depth < 5; depth++)
        {
            y = Checkpoint.apply(y);
        }

        y.backward();
        Assert.Equal(32 * MathF.Pow(0.5f, 31), x.grad!.item<float>(), 1e-9f);
    }

    [Fact]
    public void What_a_function_kept_goes_with_its_graph()
    {
        var kept = Run();
        for (var i = 0; i < 5 && kept.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(kept.IsAlive);

        static WeakReference Run()
        {
            using var scope = NewDisposeScope();
            var payload = new Payload(2);
            var x = ones(1, requires_grad: true);
            Scale.apply(x, payload).backward();
            Assert.Equal(2f, x.grad!.item<float>());
            return new WeakReference(payload);
        }
    }

    private sealed record Payload(float Factor);

    private sealed class Scale : SingleTensorFunction<Scale>
    {
        public override string Name => nameof(Scale);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("payload", vars[1]);
            return (Tensor)vars[0] * ((Payload)vars[1]).Factor;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
            [grad_output * ((Payload)ctx.get_data("payload")!).Factor, null!];
    }

    private sealed class CubeWithWrongGradient : SingleTensorFunction<CubeWithWrongGradient>
    {
        public override string Name => nameof(CubeWithWrongGradient);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data("factor", vars[1]);
            return x.pow(3);
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var x = ctx.get_saved_variables()[0];
            return [grad_output * 3 * x.pow(2) * (double)ctx.get_data("factor")!, null!];
        }
    }

    private sealed class SumAndProduct : MultiTensorFunction<SumAndProduct>
    {
        public override string Name => nameof(SumAndProduct);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var (x, y) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([x, y]);
            return [x + y, x * y];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return [grad_outputs[0] + grad_outputs[1] * saved[1], grad_outputs[0] + grad_outputs[1] * saved[0]];
        }
    }

    private sealed class Checkpoint : SingleTensorFunction<Checkpoint>
    {
        [ThreadStatic]
        public static Func<Tensor, Tensor>? Body;

        public override string Name => nameof(Checkpoint);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            return Body!((Tensor)vars[0]);
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var input = ctx.get_saved_variables()[0].detach().requires_grad_();
            using (enable_grad())
            {
                Body!(input).backward([grad_output]);
            }

            return [input.grad!];
        }
    }
}
