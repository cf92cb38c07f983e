using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

/// <summary>Arguments that would read or write beyond memory, or divide by zero, if they were not checked.</summary>
public sealed class HostileArgumentTests
{
    [Fact]
    public void Indices_beyond_the_end_are_exceptions_everywhere()
    {
        using var scope = NewDisposeScope();
        var x = ones(3, 3);
        var far = tensor([5L]);
        Assert.Throws<ExternalException>(() => x.index_select(0, far));
        Assert.Throws<ExternalException>(() => x.gather(0, far.unsqueeze(0)));
        Assert.Throws<ExternalException>(() => x.scatter(0, far.unsqueeze(0), ones(1, 1)));
        Assert.Throws<ExternalException>(() => x.take(tensor([99L])));
        Assert.Throws<ExternalException>(() => x.index_add_(0, far, ones(1, 3), 1));
        Assert.Throws<ExternalException>(() => x.index_put_(ones(1), far, far));
        Assert.Throws<ExternalException>(() => x.as_strided([100], [1]));
        Assert.Throws<ExternalException>(() => x.narrow(0, 2, 2));
        Assert.Throws<ExternalException>(() => x.select(0, 3));
        Assert.Throws<ExternalException>(() => nn.functional.nll_loss(x, tensor([0L, 1, 9])));
        Assert.Throws<ExternalException>(() => nn.functional.one_hot(tensor([3L]), 2));
    }

    [Fact]
    public void Counts_and_probabilities_are_checked()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => tensor([-1L]).bincount(null!));
        Assert.Throws<ExternalException>(() => ones(3).topk(4));
        Assert.Throws<ExternalException>(() => ones(3).kthvalue(4, 0));
        Assert.Throws<ExternalException>(() => tensor([-1f, 2f]).multinomial(1));
        Assert.Throws<ExternalException>(() => ones(3).multinomial(4));
        Assert.Throws<ExternalException>(() => ones(3).bernoulli_(1.5));
        Assert.Throws<ExternalException>(() => ones(3).normal_(0, -1));
        Assert.Throws<ExternalException>(() => ones(2, 2).repeat(-1, 1));
    }

    [Fact]
    public void Whole_numbers_are_not_divided_by_zero()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => tensor([1L]).remainder(tensor([0L])));
        Assert.Throws<ExternalException>(() => tensor([1L]).div(tensor([0L]), RoundingMode.floor));
    }

    [Fact]
    public void Numbers_that_name_no_type_are_exceptions()
    {
        Assert.ThrowsAny<Exception>(() => zeros(1, dtype: (ScalarType)99));
        using var x = ones(1);
        Assert.ThrowsAny<Exception>(() => x.to((ScalarType)99));
        Assert.ThrowsAny<Exception>(() => x.sum((ScalarType)99));
    }

    [Fact]
    public void In_place_changes_that_autograd_forbids_are_exceptions()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.Throws<ExternalException>(() => x.add_(1));
        var y = x.exp();
        y.add_(1);
        Assert.Throws<ExternalException>(() => y.sum().backward());
        Assert.Throws<ExternalException>(() => zeros(1).expand(3).copy_(ones(3)));
    }

    [Fact]
    public void Disposed_and_missing_tensors_are_exceptions()
    {
        using var x = ones(2);
        var gone = ones(2);
        gone.Dispose();
        Assert.Throws<InvalidOperationException>(() => x.add(gone));
        Assert.Throws<InvalidOperationException>(() => cat([x, gone]));
        Assert.ThrowsAny<Exception>(() => x.add((Tensor)null!));
        Assert.ThrowsAny<Exception>(() => stack([x, null!]));
    }
}
