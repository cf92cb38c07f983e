using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

// Expected numbers come from PyTorch 1.13.
public class LayerTests
{
    private static readonly float[] Points = [-2, -0.5f, 0, 1, 3];

    [Fact]
    public void Linear_multiplies_by_the_transposed_weight_and_adds_the_bias()
    {
        using var layer = Linear(Parameter(Matrix(2, 3, 1, 2, 3, -1, 0, 1)), Parameter(tensor(new[] { 0.5f, -0.5f })));

        Approximately.Equal([9.5f, 0.5f], layer.call(Matrix(1, 3, 1, 1, 2)));
        Assert.Equal((3, 2), (layer.in_features, layer.out_features));
    }

    [Fact]
    public void A_wrong_width_is_an_error_with_libtorchs_message()
    {
        using var layer = Linear(3, 2);

        var error = Assert.ThrowsAny<Exception>(() => layer.call(zeros(1, 4)));

        Assert.Contains("shapes cannot be multiplied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replacing_a_weight_frees_the_old_one()
    {
        using var layer = Linear(2, 2);
        var old = layer.weight;
        var replacement = Parameter(zeros(2, 2));

        layer.weight = replacement;

        Assert.True(old.IsInvalid);
        Assert.Same(replacement, layer.get_parameter("weight"));
        layer.bias = null;
        Assert.Equal(["weight"], layer.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Layer_norm_and_its_gradients()
    {
        using var layer = LayerNorm(3);
        using var input = Matrix(2, 3, 1, 2, 4, -1, 0, 5).requires_grad_();
        layer.load_state_dict(new() { ["weight"] = tensor(new[] { 1f, 2, 3 }), ["bias"] = tensor(new[] { 0.1f, 0.2f, 0.3f }) });

        var output = layer.call(input);
        (output * Matrix(2, 3, 1, -1, 2, 0.5f, 1, -2)).sum().backward();

        Approximately.Equal([-0.9690413f, -0.3345206f, 4.308906f, -0.7890002f, -0.8160003f, 4.491001f], output);
        Approximately.Equal([1.603548f, -2.405347f, 0.8017981f, -0.4762485f, 0.5715011f, -0.09525271f], input.grad!);
        Approximately.Equal([-1.513541f, -0.2407398f, -0.121397f], layer.weight.grad!);
        Approximately.Equal([1.5f, 0, 0], layer.bias!.grad!);
    }

    [Fact]
    public void Layer_norm_goes_without_weights_or_bias_on_request()
    {
        using var bare = LayerNorm([3], elementwise_affine: false);
        using var weighted = LayerNorm(3, bias: false);

        Assert.Empty(bare.parameters());
        Assert.Equal(["weight"], weighted.named_parameters().Select(p => p.name));
        Approximately.Equal([-1.069045f, -0.267261f, 1.336306f], bare.call(tensor(new[] { 1f, 2, 4 })), 1e-4);
    }

    [Fact]
    public void Embedding_looks_rows_up_and_sums_their_gradients_except_for_the_padding()
    {
        using var layer = Embedding(4, 2, padding_idx: 1);
        layer.load_state_dict(new() { ["weight"] = arange(8, dtype: ScalarType.Float32).reshape(4, 2) });

        var output = layer.call(tensor(new long[] { 0, 1, 3, 3, 3, 2 }).reshape(2, 3));
        (output * arange(12, dtype: ScalarType.Float32).reshape(2, 3, 2)).sum().backward();

        Approximately.Equal([0, 1, 2, 3, 6, 7, 6, 7, 6, 7, 4, 5], output);
        Approximately.Equal([0, 1, 0, 0, 10, 11, 18, 21], layer.weight!.grad!);
    }

    [Fact]
    public void The_padding_row_starts_at_zero()
    {
        using var layer = Embedding(4, 2, padding_idx: -1);

        Approximately.Equal([0, 0], layer.weight![3]);
        Assert.NotEqual(0, layer.weight![0].abs().sum().item<float>());
    }

    [Fact]
    public void Rows_longer_than_the_maximum_are_shortened_when_they_are_looked_up()
    {
        using var layer = Embedding_from_pretrained(Matrix(3, 2, 3, 4, 0.1f, 0.2f, 6, 8), max_norm: 1.0);

        Approximately.Equal([0.6f, 0.8f, 0.1f, 0.2f], layer.call(tensor(new long[] { 0, 1 })));
        Approximately.Equal([0.6f, 0.8f, 0.1f, 0.2f, 6, 8], layer.weight!);
        Assert.False(layer.weight!.requires_grad);
    }

    [Fact]
    public void An_index_outside_the_table_is_an_error()
    {
        using var layer = Embedding(4, 2);

        Assert.ThrowsAny<Exception>(() => layer.call(tensor(new long[] { 4 })));
        Assert.ThrowsAny<Exception>(() => layer.call(tensor(new long[] { -1 })));
    }

    [Fact]
    public void Dropout_acts_only_while_training()
    {
        using var layer = Dropout(0.5);
        using var input = ones(1000);

        var trained = layer.call(input);
        Assert.Equal(1000, (trained.eq(0).sum() + trained.eq(2).sum()).item<long>());
        Assert.InRange(trained.eq(0).sum().item<long>(), 350, 650);

        layer.eval();
        Assert.True(layer.call(input).allclose(input));
    }

    [Fact]
    public void Activations_agree_with_PyTorch()
    {
        using var input = tensor(Points);

        Approximately.Equal([-0.2384058f, -0.1887703f, 0, 0.7310586f, 2.857723f], SiLU().call(input));
        Approximately.Equal([-0.0455001f, -0.1542688f, 0, 0.8413447f, 2.99595f], GELU().call(input));
        Approximately.Equal([0, 0, 0, 1, 3], ReLU().call(input));
        Approximately.Equal([-0.9640276f, -0.4621172f, 0, 0.7615942f, 0.9950548f], Tanh().call(input));
        Approximately.Equal([0.1192029f, 0.3775407f, 0.5f, 0.7310586f, 0.9525741f], Sigmoid().call(input));
        Approximately.Equal([0.005513608f, 0.02471028f, 0.04074036f, 0.1107438f, 0.818292f], Softmax(0).call(input));
        Approximately.Equal([-5.200536f, -3.700536f, -3.200536f, -2.200536f, -0.2005361f], LogSoftmax(0).call(input));
    }

    [Fact]
    public void Activations_can_work_in_place()
    {
        using var input = tensor(Points);

        using var output = ReLU(inplace: true).call(input);

        Approximately.Equal([0, 0, 0, 1, 3], input);
        Assert.NotSame(input, output);
    }

    [Fact]
    public void Losses_agree_with_PyTorch()
    {
        using var logits = Matrix(2, 3, 1, 2, 0.5f, 0.1f, -1, 3);
        using var target = tensor(new long[] { 1, 2 });
        using var first = logits.log_softmax(1);
        using var second = logits.flip(1).log_softmax(1);

        Approximately.Equal(0.26757150888442993, CrossEntropyLoss().call(logits, target).item<float>());
        Approximately.Equal(0.4643687903881073, CrossEntropyLoss(ignore_index: 2).call(logits, target).item<float>());
        Approximately.Equal(0.4242382049560547, new Modules.CrossEntropyLoss(label_smoothing: 0.1).call(logits, target).item<float>());
        Approximately.Equal(0.6358333230018616, MSELoss().call(logits, logits * 0.5f).item<float>());
        Approximately.Equal(3.815000057220459, MSELoss(Reduction.Sum).call(logits, logits * 0.5f).item<float>());
        Approximately.Equal(0.4331124722957611, KLDivLoss().call(first, second).item<float>());
        Approximately.Equal(2.598674774169922, KLDivLoss(log_target: false, Reduction.Sum).call(first, second.exp()).item<float>());
    }

    private static Tensor Matrix(long rows, long columns, params float[] values) => tensor(values).reshape(rows, columns);
}
