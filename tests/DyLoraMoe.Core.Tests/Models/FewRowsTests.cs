using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class FewRowsTests
{
    // Widths that vectors and tiles divide, and widths that they do not.
    [Theory]
    [InlineData(1, 512, 768, false)]
    [InlineData(1, 5, 3, true)]
    [InlineData(2, 64, 1, false)]
    [InlineData(3, 131, 67, true)]
    [InlineData(16, 512, 768, true)]
    [InlineData(32, 200, 1030, false)]
    public void They_compute_what_one_product_computes(long rows, long inputs, long outputs, bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var (input, weight) = (randn([rows, inputs], generator: random), randn([outputs, inputs], generator: random) / Math.Sqrt(inputs));
        var bias = hasBias ? randn([outputs], generator: random) : null;

        Assert.True(FewRows.Are(input, weight));
        TensorAssert.Close(nn.functional.linear(input, weight, bias), FewRows.Linear(input, weight, bias), 1e-5);
    }

    [Fact]
    public void What_a_row_comes_to_does_not_depend_on_the_rows_beside_it()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(6, CPU);
        var (input, weight) = (randn([32, 515], generator: random), randn([770, 515], generator: random));

        var together = FewRows.Linear(input, weight, null);

        for (var row = 0; row < 32; row++)
        {
            Assert.True(together.narrow(0, row, 1).equal(FewRows.Linear(input.narrow(0, row, 1), weight, null)).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(1, 64, 96, 8)]
    [InlineData(5, 67, 1030, 13)]
    [InlineData(32, 512, 768, 24)]
    public void Ranks_that_count_in_a_row_are_added_to_it(long rows, long inputs, long outputs, long ranks)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7, CPU);
        var (input, output) = (randn([rows, inputs], generator: random), randn([rows, outputs], generator: random));
        var (down, up) = (randn([ranks, inputs], generator: random) / Math.Sqrt(inputs), randn([ranks, outputs], generator: random));
        var gates = randn([rows, ranks], generator: random) * (rand([rows, ranks], generator: random) < 0.4);
        var expected = output + (nn.functional.linear(input, down) * gates).matmul(up);

        FewRows.AddLowRank(output, input, down, up, gates);

        TensorAssert.Close(expected, output, 1e-4);
    }

    [Fact]
    public void Many_rows_other_types_other_layouts_and_gradients_are_left_to_one_product()
    {
        using var scope = NewDisposeScope();
        var (input, weight) = (ones(1, 512), ones(768, 512));

        Assert.True(FewRows.Are(input, weight));
        Assert.False(FewRows.Are(ones(33, 512), weight));
        Assert.False(FewRows.Are(input, ones(512, 768).t()));
        Assert.False(FewRows.Are(input.to_type(ScalarType.BFloat16), weight.to_type(ScalarType.BFloat16)));
        Assert.False(FewRows.Are(input.clone().requires_grad_(true), weight));
        Assert.False(FewRows.Are(input, weight.clone().requires_grad_(true)));
    }
}
