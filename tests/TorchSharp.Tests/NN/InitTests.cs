using FsCheck.Fluent;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class InitTests
{
    [Fact]
    public void Constants_fill_a_parameter_without_being_recorded()
    {
        using var parameter = Parameter(empty(2));

        Approximately.Equal([0, 0], init.zeros_(parameter));
        Approximately.Equal([1, 1], init.ones_(parameter));
        Approximately.Equal([2.5f, 2.5f], init.constant_(parameter, 2.5));
        Assert.True(parameter.is_leaf && parameter.requires_grad);
    }

    [Fact]
    public void The_identity_is_cut_or_padded_to_the_shape()
    {
        Approximately.Equal([1, 0, 0, 0, 1, 0], init.eye_(full(2, 3, 9f)));
        Assert.ThrowsAny<Exception>(() => init.eye_(zeros(2)));
    }

    [Fact]
    public void A_seeded_generator_gives_PyTorchs_numbers()
    {
        Approximately.Equal(
            [1.119594f, -0.08129025f, 1.551824f, 1.543575f],
            init.trunc_normal_(empty(4), mean: 1, std: 2, a: -1, b: 3, generator: Seeded(7)));
        Approximately.Equal(
            [-0.1467951f, 0.7861413f, 0.9468216f, -1.114344f, 1.69079f, -0.8948279f],
            init.normal_(empty(6), generator: Seeded(7)));
        Approximately.Equal(
            [0.5349225f, 0.1988032f, 0.6592117f, 0.6568903f],
            init.uniform_(empty(4), generator: Seeded(7)));
    }

    [Fact]
    public void Deviations_follow_the_fans_and_the_gain()
    {
        const long In = 200;
        const long Out = 300;
        using var scope = NewDisposeScope();
        var weight = empty(Out, In);

        AssertUniform(Math.Sqrt(6.0 / In), init.kaiming_uniform_(weight));
        AssertUniform(Math.Sqrt(1.0 / In), init.kaiming_uniform_(weight, a: Math.Sqrt(5)));
        AssertUniform(Math.Sqrt(6.0 / Out), init.kaiming_uniform_(weight, mode: init.FanInOut.FanOut));
        AssertNormal(Math.Sqrt(2.0 / In), init.kaiming_normal_(weight, nonlinearity: init.NonlinearityType.ReLU));
        AssertUniform(2 * Math.Sqrt(6.0 / (In + Out)), init.xavier_uniform_(weight, gain: 2));
        AssertNormal(Math.Sqrt(2.0 / (In + Out)), init.xavier_normal_(weight));
        AssertNormal(0.02, init.normal_(weight, std: 0.02));
        AssertUniform(3, init.uniform_(weight, -3, 3));
    }

    [Fact]
    public void A_truncated_normal_stays_within_its_bounds()
    {
        using var scope = NewDisposeScope();
        var values = init.trunc_normal_(empty(100_000), std: 0.02, a: -0.04, b: 0.04);

        Assert.InRange(values.abs().max().item<float>(), 0.039f, 0.04f);
        Assert.InRange(values.std().item<float>(), 0.0172f, 0.0180f);
        Assert.InRange(values.mean().item<float>(), -3e-4f, 3e-4f);
    }

    [Fact]
    public void New_layers_start_as_they_do_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var linear = Linear(400, 300);
        using var embedding = Embedding(300, 400);

        AssertUniform(Math.Sqrt(1.0 / 400), linear.weight);
        Assert.InRange(linear.bias!.abs().max().item<float>(), 0.03f, 0.05f);
        AssertNormal(1, embedding.weight!);
    }

    [Fact]
    public void Orthogonal_matrices_have_orthonormal_rows_or_columns()
        => Prop.ForAll(Gen.Choose(1, 12).Two().ToArbitrary(), shape =>
        {
            using var scope = NewDisposeScope();
            var (rows, columns) = shape;
            var matrix = init.orthogonal_(empty(rows, columns), gain: 2);
            var product = rows < columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
            return product.allclose(eye(Math.Min(rows, columns)) * 4, atol: 1e-4);
        }).Holds();

    [Fact]
    public void A_layer_without_inputs_is_nothing_to_fill()
    {
        using var layer = Linear(0, 3);

        Approximately.Equal([0, 0, 0], layer.call(zeros(1, 0)));
    }

    [Fact]
    public void Gains_agree_with_PyTorch()
    {
        Approximately.Equal(1.6666666666666667, init.calculate_gain(init.NonlinearityType.Tanh));
        Approximately.Equal(1.4142135623730951, init.calculate_gain(init.NonlinearityType.ReLU));
        Approximately.Equal(1.3867504905630728, init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.2));
        Approximately.Equal(1, init.calculate_gain(init.NonlinearityType.Linear));
    }

    [Fact]
    public void Fans_count_the_receptive_field_and_need_a_matrix()
    {
        Assert.Equal((3, 2), init.CalculateFanInAndFanOut(zeros(2, 3)));
        Assert.Equal((3 * 20, 2 * 20), init.CalculateFanInAndFanOut(zeros(2, 3, 4, 5)));
        Assert.Throws<ArgumentException>(() => init.CalculateFanInAndFanOut(zeros(2)));
    }

    private static Generator Seeded(ulong seed) => new Generator().manual_seed((long)seed);

    private static void AssertUniform(double bound, Tensor values)
    {
        Assert.InRange(values.abs().max().item<float>(), 0.999 * bound, bound * 1.0001);
        Assert.InRange(values.std().item<float>(), 0.98 * bound / Math.Sqrt(3), 1.02 * bound / Math.Sqrt(3));
    }

    private static void AssertNormal(double deviation, Tensor values)
    {
        Assert.InRange(values.std().item<float>(), 0.98 * deviation, 1.02 * deviation);
        Assert.InRange(values.mean().item<float>(), -0.03 * deviation, 0.03 * deviation);
        Assert.True(values.abs().max().item<float>() > 3 * deviation);
    }
}
