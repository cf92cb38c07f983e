using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.Functional;

/// <summary>Numbers are PyTorch's for the same input.</summary>
public sealed class FunctionalTests
{
    private static Tensor X() => tensor(new[,] { { 1f, 2, 3 }, { 1f, -1, 0.5f } });

    private static void Close(float[] expected, Tensor actual)
    {
        var values = actual.data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], values[i], 1e-5f);
        }
    }

    [Fact]
    public void Cross_entropy_with_every_argument()
    {
        using var scope = NewDisposeScope();
        var target = tensor([2L, 0]);
        Close([0.48128146f], functional.cross_entropy(X(), target));
        Close([0.57294810f], functional.cross_entropy(X(), target, label_smoothing: 0.1));
        Close([0.44444370f], functional.cross_entropy(X(), target, weight: tensor([1f, 2, 3])));
        Close([0.40760595f], functional.cross_entropy(X(), tensor([2L, -100])));
        Close([0.40760595f], functional.cross_entropy(X(), tensor([2L, 7]), ignore_index: 7));
        Close([0.40760595f, 0.55495697f], functional.cross_entropy(X(), target, reduction: Reduction.None));
        Close([0.96256292f], functional.cross_entropy(X(), target, reduction: Reduction.Sum));
        Close([0.48128146f], functional.nll_loss(functional.log_softmax(X(), 1), target));
        Assert.Throws<ExternalException>(() => functional.cross_entropy(X(), tensor([2L, 3])));
        Assert.Throws<ExternalException>(() => functional.cross_entropy(X(), tensor([2L])));
    }

    [Fact]
    public void Divergences_and_other_losses()
    {
        using var scope = NewDisposeScope();
        var other = X().flip(0);
        Close([0.21561377f], functional.kl_div(X().log_softmax(1), other.log_softmax(1)));
        Close([1.29368246f], functional.kl_div(X().log_softmax(1), other.softmax(1), log_target: false, reduction: Reduction.Sum));
        Close([0.26489621f], functional.binary_cross_entropy_with_logits(X(), (X() > 0).@float()));
        Close([0.26489621f], functional.binary_cross_entropy(X().sigmoid(), (X() > 0).@float()));
        Close([0.9375f], functional.smooth_l1_loss(X(), zeros(2, 3)));
        Close([0.9375f], functional.huber_loss(X(), zeros(2, 3)));
        Close([16.25f / 6], functional.mse_loss(X(), zeros(2, 3)));
        Close([8.5f], functional.l1_loss(X(), zeros(2, 3), Reduction.Sum));
    }

    [Fact]
    public void Activations()
    {
        using var scope = NewDisposeScope();
        Close([0.84134471f, 1.95449996f, 2.99595022f, 0.84134471f, -0.15865529f, 0.34573120f], functional.gelu(X()));
        Close([1f, 2, 3, 1, -0.63212055f, 0.5f], functional.elu(X(), 1));
        Close([1.31326163f, 2.12692809f, 3.04858732f, 1.31326163f, 0.31326169f, 0.97407699f], functional.softplus(X()));
        Close([0.86509836f, 1.94395900f, 2.98653507f, 0.86509836f, -0.30340144f, 0.37524524f], functional.mish(X()));
        Close([1f, 2, 3, 1, -0.01f, 0.5f], functional.leaky_relu(X()));
        Close([1f, 2, 3, 1, 0, 0.5f], functional.relu(X()));
        Assert.True(functional.silu(X()).allclose(X() * X().sigmoid()));
        Assert.True(functional.softmax(X(), 1).allclose(X().exp() / X().exp().sum(1L, keepdim: true)));
        Assert.True(functional.log_softmax(X(), 0).allclose(X().softmax(0).log()));
        Assert.True(functional.tanh(X()).allclose(X().tanh()));
        Assert.Equal(float64, functional.softmax(X(), 1, float64).dtype);
        var y = X();
        functional.relu(y, inplace: true);
        Assert.Equal(0f, y[1, 1].item<float>());
    }

    [Fact]
    public void Normalisation_and_similarity()
    {
        using var scope = NewDisposeScope();
        Close([-1.22473562f, 0, 1.22473562f, 0.98057389f, -1.37280345f, 0.39222956f], functional.layer_norm(X(), [3]));
        Close([1.5f, 1.5f, 1.5f, 1.5f, 1.5f, 1.5f], functional.layer_norm(X(), [3], zeros(3), full(3, 1.5)));
        Close([0.26726124f, 0.53452247f, 0.80178368f, 0.66666669f, -0.66666669f, 0.33333334f], functional.normalize(X()));
        Close([0.08908707f, 0.08908707f], functional.cosine_similarity(X(), X().flip(0)));
        Assert.Throws<ExternalException>(() => functional.layer_norm(X(), [4]));
    }

    [Fact]
    public void Linear_one_hot_and_padding()
    {
        using var scope = NewDisposeScope();
        Close([7f, 1], functional.linear(X(), ones(1, 3), tensor([1f])) - tensor(new[,] { { 0f }, { 0.5f } }));
        Assert.Equal([0L, 1, 0, 0, 0, 1], functional.one_hot(tensor([1L, 2])).reshape(-1).data<long>().ToArray());
        Assert.Equal([2L, 5L], functional.one_hot(tensor([1L, 2]), 5).shape);
        Assert.Throws<ArgumentException>(() => functional.one_hot(ones(2)));
        Assert.Equal([9f, 1, 2, 9, 9], functional.pad(tensor([1f, 2]), (1, 2), value: 9).data<float>().ToArray());
        Assert.Equal([2f, 1, 2, 3, 2], functional.pad(tensor([1f, 2, 3]).reshape(1, 1, 3), (1, 1), PaddingModes.Reflect).data<float>().ToArray());
        Assert.Equal([4L, 5L], functional.pad(X(), 1).shape);
    }

    [Fact]
    public void Dropout_scales_what_it_keeps_and_rests_in_evaluation()
    {
        using var scope = NewDisposeScope();
        var x = ones(10_000);
        var y = functional.dropout(x, 0.25);
        Assert.InRange(y.mean().item<float>(), 0.95f, 1.05f);
        Assert.Equal([0f, 4f / 3], y.unique().output.data<float>().ToArray());
        Assert.True(functional.dropout(x, 0.25, training: false).Equals(x));
        Assert.ThrowsAny<Exception>(() => functional.dropout(x, 1.5));
    }

    [Fact]
    public void Attention_with_the_causal_flag_is_pytorchs()
    {
        using var scope = NewDisposeScope();
        var q = (arange(8, dtype: float32) / 4).reshape(1, 1, 4, 2);
        Close(
            [0f, 0.25f, 0.30436081f, 0.55436081f, 0.74055493f, 0.99055493f, 1.28838778f, 1.53838778f],
            functional.scaled_dot_product_attention(q, q, q, is_casual: true).reshape(-1));
    }

    [Fact]
    public void Attention_masks_of_both_kinds_equal_the_causal_flag()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (randn(2, 3, 5, 4), randn(2, 3, 5, 4), randn(2, 3, 5, 6));
        var causal = functional.scaled_dot_product_attention(q, k, v, is_casual: true);
        var keep = ones(5, 5, dtype: ScalarType.Bool).tril();
        var added = zeros(5, 5).masked_fill(~keep, float.NegativeInfinity);
        Assert.True(causal.allclose(functional.scaled_dot_product_attention(q, k, v, keep), atol: 1e-5));
        Assert.True(causal.allclose(functional.scaled_dot_product_attention(q, k, v, added), atol: 1e-5));
        Assert.Equal([2L, 3L, 5L, 6L], causal.shape);
    }

    [Fact]
    public void Attention_is_differentiable()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (randn([1, 2, 4, 3], float64), randn([1, 2, 4, 3], float64), randn([1, 2, 4, 3], float64));
        Tensor[] mine = [q.clone().requires_grad_(), k.clone().requires_grad_(), v.clone().requires_grad_()];
        Tensor[] plain = [q.clone().requires_grad_(), k.clone().requires_grad_(), v.clone().requires_grad_()];
        functional.scaled_dot_product_attention(mine[0], mine[1], mine[2], is_casual: true).pow(2).sum().backward();
        var scores = plain[0].matmul(plain[1].mT) / Math.Sqrt(3);
        scores.masked_fill(ones(4, 4, dtype: ScalarType.Bool).triu(1), double.NegativeInfinity).softmax(-1).matmul(plain[2]).pow(2).sum().backward();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(mine[i].grad!.allclose(plain[i].grad!));
        }
    }

    [Fact]
    public void Attention_refuses_contradictions()
    {
        using var scope = NewDisposeScope();
        var q = ones(1, 2, 3);
        Assert.Throws<ArgumentException>(() => functional.scaled_dot_product_attention(q, q, q, ones(2, 2), is_casual: true));
        Assert.Throws<ArgumentException>(() => functional.scaled_dot_product_attention(q, q, q, p: -1));
        Assert.Throws<ExternalException>(() => functional.scaled_dot_product_attention(q, ones(1, 2, 4), q));
    }
}
