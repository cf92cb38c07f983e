using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp.Tests.Autograd;

public sealed class FailingFunctionTests
{
    [Fact]
    public void An_exception_in_forward_reaches_the_caller()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidTimeZoneException>(() => Fails.apply(ones(1, requires_grad: true), "forward"));
    }

    [Fact]
    public void An_exception_in_backward_reaches_the_caller_and_the_next_pass_works()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var y = Fails.apply(x, "backward");
        Assert.Equal("on purpose", Assert.Throws<InvalidTimeZoneException>(() => y.backward()).Message);
        (2 * x).backward();
        Assert.Equal(2f, x.grad!.item<float>());
    }

    [Fact]
    public void Too_few_gradients_are_an_error()
    {
        using var scope = NewDisposeScope();
        var y = Fails.apply(ones(1, requires_grad: true), "count");
        Assert.Contains("incorrect number of gradients", Assert.Throws<InvalidOperationException>(() => y.backward()).Message, StringComparison.Ordinal);
    }

    private sealed class Fails : SingleTensorFunction<Fails>
    {
        public override string Name => nameof(Fails);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("where", vars[1]);
            return vars[1] is "forward" ? throw new InvalidTimeZoneException("on purpose") : (Tensor)vars[0] * 2;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
            ctx.get_data("where") is "backward" ? throw new InvalidTimeZoneException("on purpose") : [];
    }
}
