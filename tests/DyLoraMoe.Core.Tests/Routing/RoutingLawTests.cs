using DyLoraMoe.Core.Routing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class RoutingLawTests
{
    [Fact]
    public void Pitfall_2_the_single_chosen_has_value_one_and_the_gradient_of_its_log_probability()
    {
        using var scope = NewDisposeScope();
        var isFitted = ones(4, ScalarType.Bool);
        var scores = tensor(new double[,] { { 0.1, 2, -1, 0.5 } }).requires_grad_(true);
        var again = scores.detach().requires_grad_(true);

        var weights = RoutingLaw.Weights(RoutingLaw.Probabilities(scores, isFitted, 1.3), topK: 1, maturity: 1);
        weights[0, 0].backward();
        RoutingLaw.LogProbabilities(again, isFitted, 1.3)[0, 1].backward();

        TensorAssert.Same(tensor(new double[,] { { 1, 0, 0 } }), weights);
        TensorAssert.Close(again.grad!, scores.grad!, 1e-12);
        Assert.True(scores.grad!.abs().min().item<double>() > 0.01);
    }

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(1, 0.5)]
    [InlineData(1, 1.0)]
    [InlineData(2, 1.0)]
    public void Pitfall_2_the_gradient_reaches_the_gate_in_every_mode(int topK, double maturity)
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new double[,] { { 0.1, 2, -1, 0.5 }, { 0.3, 0.2, 1, 0 } }).requires_grad_(true);

        var weights = RoutingLaw.Weights(RoutingLaw.Probabilities(scores, ones(4, ScalarType.Bool), 1), topK, maturity);
        (weights * tensor(new double[] { 1, 2, 3 })).sum().backward();

        Assert.True(scores.grad!.abs().amin(1).min().item<double>() > 1e-3);
    }

    [Fact]
    public void Those_not_chosen_can_be_reached_without_getting_weight()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new double[,] { { 3, 1, 0 } }).requires_grad_(true);   // The backbone, column 0, wins.

        var weights = RoutingLaw.Weights(RoutingLaw.Probabilities(scores, ones(3, ScalarType.Bool), 1), topK: 1, maturity: 1, reachesUnchosen: true);
        weights[0, 0].backward();

        TensorAssert.Same(zeros(1, 2, dtype: ScalarType.Float64), weights);
        Assert.True(scores.grad![0, 1].item<double>() > 0.01);
    }

    [Fact]
    public void Columns_that_are_not_fitted_get_neither_weight_nor_gradient()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new double[,] { { 0, 1, 50 } }).requires_grad_(true);

        var weights = RoutingLaw.Weights(RoutingLaw.Probabilities(scores, tensor(new[] { true, true, false }), 1), topK: 2, maturity: 0.5);
        weights.sum().backward();

        Assert.Equal(0, weights[0, 1].item<double>());
        Assert.Equal(0, scores.grad![0, 2].item<double>());
        Assert.Equal(0, scores.grad!.isnan().sum().item<long>());
    }
}
