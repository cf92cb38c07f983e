using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class ReductionTests
{
    [Fact]
    public void Sums_and_means_go_over_all_some_or_one_dimension()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32).reshape(2, 3);
        Assert.Equal(15f, x.sum().item<float>());
        Assert.Equal([3f, 5, 7], x.sum(0L).data<float>().ToArray());
        Assert.Equal([2L, 1L], x.sum(1, keepdim: true).shape);
        Assert.Equal(15f, x.sum(0, 1).item<float>());
        Assert.Equal(15.0, x.sum(float64).item<double>());
        Assert.Equal([1f, 4], x.mean([1]).data<float>().ToArray());
        Assert.Equal(2.5f, x.mean().item<float>());
        Assert.Equal(3L, tensor([true, true, true]).sum().item<long>());
        Assert.Equal([0f, 60], (x + (x == 0)).prod(1).sub(tensor([2f, 0f])).data<float>().ToArray());
    }

    [Fact]
    public void Spread_is_unbiased_unless_told_otherwise()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 2, 3, 4]);
        Assert.Equal(5.0 / 3, x.var().item<double>(), 1e-12);
        Assert.Equal(1.25, x.var(false).item<double>(), 1e-12);
        Assert.Equal(Math.Sqrt(1.25), x.reshape(2, 2).T.reshape(-1).std([0], unbiased: false).item<double>(), 1e-12);
        var (std, mean) = x.std_mean();
        Assert.Equal(Math.Sqrt(5.0 / 3), std.item<double>(), 1e-12);
        Assert.Equal(2.5, mean.item<double>());
        Assert.Equal([0.5, 0.5], x.reshape(2, 2).var(1).data<double>().ToArray());
    }

    [Fact]
    public void Extremes_come_with_their_places()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 3f, 1 }, { 2, 9 } });
        var (values, indexes) = x.max(1);
        Assert.Equal([3f, 9], values.data<float>().ToArray());
        Assert.Equal([0L, 1], indexes.data<long>().ToArray());
        Assert.Equal([2f, 1], x.min(0).values.data<float>().ToArray());
        Assert.Equal(9f, x.max().item<float>());
        Assert.Equal([3f, 9], x.amax([1]).data<float>().ToArray());
        Assert.Equal([1f, 2], x.amin(1).data<float>().ToArray());
        Assert.Equal(3L, x.argmax().item<long>());
        Assert.Equal([1L, 0], x.argmin(1).data<long>().ToArray());
        Assert.Equal([3f, 9], x.max(tensor(2.5f)).masked_select(tensor(new[,] { { true, false }, { false, true } })).data<float>().ToArray());
        Assert.Equal((1f, 9f), (x.aminmax().min.item<float>(), x.aminmax().max.item<float>()));
    }

    [Fact]
    public void Sorting_and_selection()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3f, 1, 2]);
        var (sorted, order) = x.sort(descending: true);
        Assert.Equal([3f, 2, 1], sorted.data<float>().ToArray());
        Assert.Equal([0L, 2, 1], order.data<long>().ToArray());
        Assert.Equal([1L, 2, 0], x.argsort().data<long>().ToArray());
        var (values, indexes) = x.topk(2);
        Assert.Equal([3f, 2], values.data<float>().ToArray());
        Assert.Equal([0L, 2], indexes.data<long>().ToArray());
        Assert.Equal([1f], x.topk(1, largest: false).values.data<float>().ToArray());
        Assert.Equal(2f, x.median().item<float>());
        Assert.Equal(2f, x.kthvalue(2, 0).values.item<float>());
        Assert.Equal(1.5f, x.quantile(tensor(0.25f)).item<float>());
        Assert.Equal([1L, 2], searchsorted(sorted.flip(0), tensor([1.5f, 2.5f])).data<long>().ToArray());
        Assert.Equal([0L, 1], tensor([0.5f, 1.5f]).bucketize(tensor([1f, 2f])).data<long>().ToArray());
    }

    [Fact]
    public void Scans_and_differences()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, 3]);
        Assert.Equal([1f, 3, 6], x.cumsum(0).data<float>().ToArray());
        Assert.Equal([1f, 2, 6], x.cumprod(0).data<float>().ToArray());
        Assert.Equal([1f, 1], x.diff().data<float>().ToArray());
        Assert.Equal(float64, x.cumsum(0, float64).dtype);
    }

    [Fact]
    public void Logsumexp_does_not_overflow()
    {
        using var x = tensor([1000f, 1000f]);
        Assert.Equal(1000 + MathF.Log(2), x.logsumexp(0).item<float>(), 1e-3f);
    }

    [Fact]
    public void Norms()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 3f, 4 }, { 0, 5 } });
        Assert.Equal(MathF.Sqrt(50), x.norm().item<float>(), 1e-5f);
        Assert.Equal([5f, 5], x.norm(1).data<float>().ToArray());
        Assert.Equal(12f, x.norm(p: 1f).item<float>());
        Assert.Equal([7f, 5], linalg.vector_norm(x, 1, [1]).data<float>().ToArray());
        Assert.Equal(5f, linalg.norm(x[0]).item<float>());
    }

    [Fact]
    public void Counting()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2L, 0, 2, 5]);
        Assert.Equal([1L, 0, 2, 0, 0, 1], x.bincount(null!).data<long>().ToArray());
        Assert.Equal([0.5f, 0, 2, 0, 0, 1], x.bincount(tensor([1f, 0.5f, 1, 1])).data<float>().ToArray());
        Assert.Equal(3L, x.count_nonzero().item<long>());
        var (output, inverse, counts) = x.unique(return_inverse: true, return_counts: true);
        Assert.Equal([0L, 2, 5], output.data<long>().ToArray());
        Assert.Equal([1L, 0, 1, 2], inverse!.data<long>().ToArray());
        Assert.Equal([1L, 2, 1], counts!.data<long>().ToArray());
        Assert.Equal([1f, 1], tensor([0.1f, 0.9f]).histc(2, 0, 1).data<float>().ToArray());
        Assert.True(x.any().item<bool>());
        Assert.False(x.all().item<bool>());
        Assert.Equal([true], x.reshape(1, 4).any(1).data<bool>().ToArray());
    }

    [Fact]
    public void The_sum_of_the_parts_is_the_sum_of_the_whole() => Prop
        .ForAll<int[]>(array =>
        {
            using var scope = NewDisposeScope();
            var numbers = Array.ConvertAll(array, x => (long)(x % 1000));
            var x = tensor(numbers);
            return x.sum().item<long>() == numbers.Sum()
                && cat(x.tensor_split(3)).Equals(x)
                && x.sort().Values.data<long>().SequenceEqual(numbers.Order());
        })
        .QuickCheckThrowOnFailure();
}
