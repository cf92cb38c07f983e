using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class FewRowsTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void They_compute_what_one_product_computes(long rows, bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var (input, weight) = (randn([rows, 512], generator: random), randn([768, 512], generator: random) / 23);
        var bias = hasBias ? randn([768], generator: random) : null;

        Assert.True(FewRows.Are(input, weight));
        TensorAssert.Close(nn.functional.linear(input, weight, bias), FewRows.Linear(input, weight, bias), 1e-5);
    }

    [Fact]
    public void Many_rows_small_matrices_other_types_and_gradients_are_left_to_one_product()
    {
        using var scope = NewDisposeScope();
        var (input, weight) = (ones(1, 512), ones(768, 512));

        Assert.True(FewRows.Are(input, weight));
        Assert.False(FewRows.Are(ones(5, 512), weight));
        Assert.False(FewRows.Are(input, ones(64, 512)));
        Assert.False(FewRows.Are(input.to_type(ScalarType.BFloat16), weight.to_type(ScalarType.BFloat16)));
        Assert.False(FewRows.Are(input.clone().requires_grad_(true), weight));
        Assert.False(FewRows.Are(input, weight.clone().requires_grad_(true)));
    }
}
