using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class FewTokensTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_norm_is_that_of_its_definition(double offset)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1, CPU);
        var (input, gain) = (randn([3, 2, 5, 67], generator: random), randn([67], generator: random));
        var expected = input / (input.square().mean([-1], keepdim: true) + 1e-5).sqrt() * (gain + offset);

        TensorAssert.Close(expected, FewTokens.Norm(input, gain, 1e-5, offset), 1e-5);
    }

    [Fact]
    public void A_gate_is_that_of_its_definition()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(2, CPU);
        var (gate, up) = (randn([3, 2, 131], generator: random) * 20, randn([3, 2, 131], generator: random));

        TensorAssert.Close(nn.functional.silu(gate) * up, FewTokens.GatedSilu(gate, up), 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Heads_turn_as_pairs_of_numbers_do(bool everyRowItsOwn)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3, CPU);
        var heads = randn([4, 1, 3, 10], generator: random).transpose(1, 2);
        var angles = randn(everyRowItsOwn ? [4, 1, 1, 5] : [1, 5], generator: random);
        var (first, second) = (heads.narrow(-1, 0, 5), heads.narrow(-1, 5, 5));
        var expected = cat([(first * angles.cos()) - (second * angles.sin()), (second * angles.cos()) + (first * angles.sin())], -1);

        TensorAssert.Close(expected, FewTokens.Turn(heads, angles.cos(), angles.sin()), 1e-5);
    }

    [Theory]
    [InlineData(1, 4, 4, 1, 8, false)]
    [InlineData(1, 12, 12, 60, 64, false)]
    [InlineData(3, 6, 2, 17, 20, true)]
    [InlineData(32, 4, 1, 300, 64, true)]
    public void Attention_is_that_of_its_definition(int rows, int heads, int groups, int length, int size, bool isMasked)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4, CPU);
        var queries = randn([rows, heads, 1, size], generator: random) * 3;
        var (keys, values) = (Window(rows, groups, length, size, random), Window(rows, groups, length, size, random));
        var mask = isMasked ? (rand([rows, 1, 1, length], generator: random) < 0.5).logical_or(arange(length) == length - 1) : null;
        var scores = queries.matmul(keys.repeat_interleave(heads / groups, 1).transpose(-2, -1)) / Math.Sqrt(size);
        scores = mask is null ? scores : scores.masked_fill(mask.logical_not(), double.NegativeInfinity);
        var expected = scores.softmax(-1).matmul(values.repeat_interleave(heads / groups, 1));

        Assert.True(FewTokens.CanAttend(queries, keys, values));
        TensorAssert.Close(expected, FewTokens.Attend(queries, keys, values, mask), 1e-5);
    }

    [Fact]
    public void What_a_row_attends_to_does_not_depend_on_longer_rows_beside_it()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var queries = randn([2, 3, 1, 20], generator: random);
        var (keys, values) = (Window(2, 3, 40, 20, random), Window(2, 3, 40, 20, random));
        var mask = arange(40) >= tensor([0L, 23L]).view(2, 1, 1, 1);

        var together = FewTokens.Attend(queries, keys, values, mask);
        var alone = FewTokens.Attend(queries.narrow(0, 1, 1), keys.narrow(0, 1, 1).narrow(2, 23, 17), values.narrow(0, 1, 1).narrow(2, 23, 17), null);

        TensorAssert.Same(alone, together.narrow(0, 1, 1));
    }

    [Fact]
    public void Many_tokens_gradients_and_other_types_are_left_to_the_library()
    {
        using var scope = NewDisposeScope();

        Assert.True(FewTokens.Are(ones(4, 8, 16)));
        Assert.False(FewTokens.Are(ones(4, 9, 16)));
        Assert.False(FewTokens.Are(ones(16)));
        Assert.False(FewTokens.Are(ones(1, 1, 16).requires_grad_(true)));
        Assert.False(FewTokens.Are(ones([1, 1, 16], ScalarType.BFloat16)));
        Assert.True(FewTokens.IsOneEach(ones(32, 12, 1, 16)));
        Assert.False(FewTokens.IsOneEach(ones(33, 12, 1, 16)));
        Assert.False(FewTokens.IsOneEach(ones(4, 12, 2, 16)));
        Assert.False(FewTokens.CanAttend(ones(1, 2, 2, 8), ones(1, 2, 5, 8), ones(1, 2, 5, 8)));
        Assert.False(FewTokens.CanAttend(ones(1, 2, 1, 8), ones(1, 5, 2, 8).transpose(1, 2), ones(1, 2, 5, 8)));
    }

    // What a cache shows of its store: some of the rows and some of the columns.
    private static Tensor Window(int rows, int groups, int length, int size, Generator random) =>
        randn([rows + 1, groups, length + 9, size], generator: random).narrow(0, 0, rows).narrow(2, 4, length);
}
