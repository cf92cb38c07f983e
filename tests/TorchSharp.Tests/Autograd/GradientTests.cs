using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Autograd;

public sealed class GradientTests
{
    [Fact]
    public void Backward_leaves_the_gradient_of_a_sum_of_squares_at_the_leaf()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, -2f, 3f], requires_grad: true);
        (x * x).sum().backward();
        Assert.Equal([2f, -4f, 6f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Gradients_add_up_until_they_are_cleared()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        (3 * x).sum().backward();
        (4 * x).sum().backward();
        Assert.Equal([7f, 7f], x.grad!.data<float>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void A_second_backward_pass_through_a_freed_graph_is_an_exception()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x.exp().sum();
        y.backward();
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => y.backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retained_graph_can_be_walked_again()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = (5 * x).exp().sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(2 * 5 * Math.Exp(5), x.grad![0].ToDouble(), 1e-3);
    }

    [Fact]
    public void Grad_returns_gradients_without_storing_them()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2f], requires_grad: true);
        var y = x.pow(3).sum();
        var dx = autograd.grad([y], [x], create_graph: true)[0];
        Assert.Equal(12f, dx.item<float>());
        Assert.Null(x.grad);
        var ddx = autograd.grad([dx.sum()], [x])[0];
        Assert.Equal(12f, ddx.item<float>());
    }

    [Fact]
    public void An_unused_input_is_an_error_unless_allowed()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var unused = ones(1, requires_grad: true);
        var y = (2 * x).sum();
        Assert.Throws<ExternalException>(() => autograd.grad([y], [x, unused], retain_graph: true));
        var grads = autograd.grad([y], [x, unused], allow_unused: true);
        Assert.Equal(2f, grads[0].item<float>());
        Assert.True(grads[1].IsInvalid);
    }

    [Fact]
    public void Backward_can_be_limited_to_some_inputs()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var y = ones(1, requires_grad: true);
        (2 * x + 3 * y).sum().backward(inputs: [y]);
        Assert.Null(x.grad);
        Assert.Equal(3f, y.grad!.item<float>());
    }

    [Fact]
    public void A_vector_is_pulled_back_through_a_given_gradient()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2f], requires_grad: true);
        (x * x).backward([tensor([10f, 100f])]);
        Assert.Equal([20f, 400f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Nothing_is_recorded_under_no_grad_and_recording_comes_back_inside_enable_grad()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }

            Assert.False(is_grad_enabled());
        }

        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Inference_mode_ends_with_its_guard()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }

        Assert.False(is_inference_mode_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Detaching_cuts_the_graph_but_shares_the_memory()
    {
        using var scope = NewDisposeScope();
        var x = ones(3, requires_grad: true);
        var cut = x.detach();
        Assert.False(cut.requires_grad);
        cut.fill_(5);
        Assert.Equal(5f, x[0].item<float>());
    }

    [Fact]
    public void Leaves_are_what_the_user_made_and_others_keep_a_gradient_only_on_request()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var y = x * 2;
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        y.retain_grad();
        (y * y).sum().backward();
        Assert.Equal(4f, y.grad!.item<float>());
    }

    [Fact]
    public void Integers_cannot_require_gradients()
    {
        using var x = ones(1, dtype: int64);
        Assert.Contains("floating point", Assert.Throws<ExternalException>(() => x.requires_grad = true).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_of_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.ThrowsAny<Exception>(() => x.grad = ones(3));
        x.grad = ones(2);
        Assert.Equal([1f, 1f], x.grad!.data<float>().ToArray());
    }
}
