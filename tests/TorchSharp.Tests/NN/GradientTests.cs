using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

// Expected numbers come from PyTorch 1.13.
public class GradientTests
{
    [Theory]
    [InlineData(2.0, 8.143248558044434, new[] { 0.1842017f, -0.3684033f, 0.552605f, 0.09210083f, 0f, -0.04605041f, 0.7368066f, -1.10521f })]
    [InlineData(1.0, 16.75, new[] { 0.08955223f, -0.1791045f, 0.2686567f, 0.04477612f, 0f, -0.02238806f, 0.3582089f, -0.5373134f })]
    [InlineData(3.0, 6.812295436859131, new[] { 0.2201901f, -0.4403802f, 0.6605703f, 0.110095f, 0f, -0.05504752f, 0.8807603f, -1.321141f })]
    [InlineData(double.PositiveInfinity, 6.0, new[] { 0.25f, -0.4999999f, 0.7499999f, 0.125f, 0f, -0.06249999f, 0.9999999f, -1.5f })]
    public void Gradients_are_scaled_to_the_norm_of_all_of_them_together(double order, double norm, float[] expected)
    {
        var parameters = Sample(ScalarType.Float32);

        Approximately.Equal(norm, nn.utils.clip_grad_norm_(parameters, 1.5, order));
        Approximately.Equal(expected, cat(parameters.Select(p => p.grad!.flatten()).ToArray()));
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-6)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void Other_precisions_are_scaled_alike(ScalarType type, double tolerance)
    {
        var parameters = Sample(type);

        Approximately.Equal(8.143248558044434, nn.utils.clip_grad_norm_(parameters, 1.5), tolerance);
        Approximately.Equal([0.7368066f, -1.10521f], parameters[1].grad!, tolerance);
    }

    [Fact]
    public void Gradients_within_the_norm_stay_as_they_are()
    {
        var parameters = Sample(ScalarType.Float32);
        var before = parameters[0].grad!.clone();

        nn.utils.clip_grad_norm_(parameters, 100);

        Assert.True(parameters[0].grad!.equal(before).all().item<bool>());
    }

    [Fact]
    public void Parameters_without_gradients_do_not_count()
    {
        Assert.Equal(0, nn.utils.clip_grad_norm_([Parameter(zeros(2))], 1));
        Assert.Equal(0, nn.utils.clip_grad_norm_([], 1));
    }

    [Fact]
    public void A_parameter_that_is_null_is_an_error()
    {
        Assert.ThrowsAny<Exception>(() => nn.utils.clip_grad_norm_([null!], 1));
        Assert.ThrowsAny<Exception>(() => nn.utils.parameters_to_vector([Parameter(zeros(1)), null!]));
    }

    [Fact]
    public void An_infinite_gradient_is_reported_and_spreads()
    {
        var parameters = Sample(ScalarType.Float32);
        parameters[0].grad = full(2, 3, float.NaN);

        Assert.True(double.IsNaN(nn.utils.clip_grad_norm_(parameters, 1)));
        Assert.True(parameters[1].grad!.isnan().all().item<bool>());
    }

    [Fact]
    public void The_norm_of_many_elements_is_exact_and_does_not_depend_on_the_threads()
    {
        using var scope = NewDisposeScope();
        var parameters = new[] { Parameter(zeros(100_003)), Parameter(zeros(7, 4001)) };
        foreach (var parameter in parameters)
        {
            parameter.grad = arange(parameter.numel(), dtype: ScalarType.Float32).reshape(parameter.shape) * 1e-3f;
        }
        var expected = Math.Sqrt(parameters.Sum(p => p.grad!.to(ScalarType.Float64).square().sum().item<double>()));

        Approximately.Equal(expected, nn.utils.clip_grad_norm_(parameters, 1e9), 1e-7);
        Assert.Equal(nn.utils.clip_grad_norm_(parameters, 1e9), nn.utils.clip_grad_norm_(parameters, 1e9));
    }

    [Fact]
    public void Elements_are_cut_to_a_value()
    {
        var parameters = Sample(ScalarType.Float32);

        nn.utils.clip_grad_value_(parameters, 1);

        Approximately.Equal([1, -1, 1, 0.5f, 0, -0.25f], parameters[0].grad!);
        Approximately.Equal([1, -1], parameters[1].grad!);
    }

    [Fact]
    public void Parameters_become_one_vector_and_come_back_from_it()
    {
        using var first = Parameter(arange(6, dtype: ScalarType.Float32).reshape(2, 3));
        using var second = Parameter(tensor(new[] { 10f, 11f }));

        using var vector = nn.utils.parameters_to_vector([first, second]);
        Approximately.Equal([0, 1, 2, 3, 4, 5, 10, 11], vector);

        nn.utils.vector_to_parameters(vector.detach() * 2, [first, second]);
        Approximately.Equal([0, 2, 4, 6, 8, 10], first);
        Approximately.Equal([20, 22], second);
        Assert.Equal([2, 3], first.shape);
        Assert.ThrowsAny<Exception>(() => nn.utils.vector_to_parameters(zeros(3), [first]));
    }

    private static Parameter[] Sample(ScalarType type)
    {
        var first = Parameter(zeros(2, 3, dtype: type));
        var second = Parameter(zeros(2, dtype: type));
        first.grad = tensor(new[] { 1f, -2f, 3f, 0.5f, 0f, -0.25f }).reshape(2, 3).to(type);
        second.grad = tensor(new[] { 4f, -6f }).to(type);
        return [first, second];
    }
}
