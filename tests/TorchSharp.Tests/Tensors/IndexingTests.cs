using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class IndexingTests
{
    // x[i, j] = 10 i + j
    private static Tensor Grid() => (arange(0, 30, 10).unsqueeze(1) + arange(4)).to(float32);

    [Fact]
    public void Positions_slices_and_new_axes_work_as_in_python()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        Assert.Equal(12f, x[1, 2].item<float>());
        Assert.Equal([10f, 11, 12, 13], x[1].data<float>().ToArray());
        Assert.Equal([20f, 21, 22, 23], x[-1].data<float>().ToArray());
        Assert.Equal([2f, 12, 22], x[.., 2].data<float>().ToArray());
        Assert.Equal([1f, 2], x[0, 1..3].data<float>().ToArray());
        Assert.Equal([2f, 3], x[0, ^2..].data<float>().ToArray());
        Assert.Equal([0f, 2], x[0, TensorIndex.Slice(step: 2)].data<float>().ToArray());
        Assert.Equal([3f, 13, 23], x[TensorIndex.Ellipsis, -1].data<float>().ToArray());
        Assert.Equal([1L, 3L, 4L], x[TensorIndex.None].shape);
        Assert.Equal([3L, 1L, 4L], x[TensorIndex.Colon, TensorIndex.Null].shape);
        Assert.Equal([0L, 3L, 4L], x[TensorIndex.Bool(false)].shape);
    }

    [Fact]
    public void Tensors_index_by_position_or_by_mask()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        var rows = tensor([2L, 0]);
        Assert.Equal([2L, 4L], x[TensorIndex.Tensor(rows)].shape);
        Assert.Equal([21f, 3], x[rows, tensor([1L, 3])].data<float>().ToArray());
        Assert.Equal([20f, 21, 22, 23], x[x > 15].data<float>().ToArray());
        Assert.Equal([22f, 2], x[TensorIndex.Tensor(rows), 2].data<float>().ToArray());
    }

    [Fact]
    public void Parts_can_be_overwritten()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x[0, 0] = -1;
        x[1] = zeros(4);
        x[2, 1..3] = tensor([7f, 8f]);
        Assert.Equal([-1f, 1, 2, 3, 0, 0, 0, 0, 20, 7, 8, 23], x.data<float>().ToArray());
        x[x > 7] = 100;
        Assert.Equal([-1f, 1, 2, 3, 0, 0, 0, 0, 100, 7, 100, 100], x.data<float>().ToArray());
        x[TensorIndex.Ellipsis] = 0;
        Assert.Equal(0f, x.sum().item<float>());
    }

    [Fact]
    public void Views_share_memory_and_gathered_parts_do_not()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x[1].fill_(5);
        x[TensorIndex.Tensor(tensor([0L]))].fill_(9);
        Assert.Equal([0f, 1, 2, 3, 5, 5, 5, 5, 20, 21, 22, 23], x.data<float>().ToArray());
    }

    [Fact]
    public void Index_put_can_accumulate()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3);
        var where = tensor([0L, 0, 2]);
        x.index_put_(ones(3), [where], accumulate: true);
        Assert.Equal([2f, 0, 1], x.data<float>().ToArray());
        x.index_put_(ones(3) * 5, where);
        Assert.Equal([5f, 0, 5], x.data<float>().ToArray());
        x.index_put_(1, where);
        Assert.Equal([1f, 0, 1], x.data<float>().ToArray());
        x.index_put_(tensor(2f), [TensorIndex.Tensor(tensor(1))], accumulate: true);
        Assert.Equal([1f, 2, 1], x.data<float>().ToArray());
        Assert.Equal(2, x[TensorIndex.Tensor(tensor(1))].item<float>());
    }

    [Fact]
    public void Positions_out_of_range_are_exceptions()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        Assert.Throws<ExternalException>(() => x[3]);
        Assert.Throws<ExternalException>(() => x[0, 4]);
        Assert.Throws<ExternalException>(() => x[0, 0, 0]);
        Assert.Throws<ExternalException>(() => x[TensorIndex.Tensor(tensor([7L]))]);
        Assert.Throws<ExternalException>(() => x[0, 0] = ones(2));
    }

    [Fact]
    public void Gradients_flow_through_indexing()
    {
        using var scope = NewDisposeScope();
        var x = zeros(4, requires_grad: true);
        (x[TensorIndex.Tensor(tensor([1L, 1, 3]))] * tensor([1f, 10f, 100f])).sum().backward();
        Assert.Equal([0f, 11, 0, 100], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Selection_and_scattering_along_a_dimension()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        var columns = tensor([3L, 0]);
        Assert.Equal([3f, 0, 13, 10, 23, 20], x.index_select(1, columns).data<float>().ToArray());
        Assert.Equal([1f, 12, 23], x.gather(1, tensor([1L, 2, 3]).unsqueeze(1)).data<float>().ToArray());
        Assert.Equal([1f, 12, 23], x.take_along_dim(tensor([1L, 2, 3]).unsqueeze(1), 1).data<float>().ToArray());
        Assert.Equal([5f, 0, 0, 7], zeros(4).scatter(0, tensor([0L, 3]), tensor([5f, 7f])).data<float>().ToArray());
        Assert.Equal([0f, 12], zeros(2).scatter_add_(0, tensor([1L, 1]), tensor([5f, 7f])).data<float>().ToArray());
        Assert.Equal([0f, 24], zeros(2).index_add_(0, tensor([1L, 1]), tensor([5f, 7f]), 2).data<float>().ToArray());
        Assert.Equal([0f, 12], zeros(2).index_add(0, tensor([1L, 1]), tensor([5f, 7f]), 1).data<float>().ToArray());
        Assert.Equal([7f, 5], zeros(2).index_copy_(0, tensor([1L, 0]), tensor([5f, 7f])).data<float>().ToArray());
        Assert.Equal([0f, 3], zeros(2).index_fill_(0, tensor([1L]), 3).data<float>().ToArray());
        Assert.Equal([0f, 21, 3], x.take(tensor([0L, 9, 3])).data<float>().ToArray());
        Assert.Equal([2L, 4L], x.narrow(0, 1, 2).shape);
        Assert.Equal([0f, 20], x.slice(0, 0, 3, 2)[.., 0].data<float>().ToArray());
        Assert.Equal([1f, 11, 21], x.select(1, 1).data<float>().ToArray());
    }

    [Fact]
    public void Masks_fill_select_and_scatter()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, 3, 4]);
        var mask = x > 2;
        Assert.Equal([1f, 2, -1, -1], x.masked_fill(mask, -1).data<float>().ToArray());
        Assert.Equal([3f, 4], x.masked_select(mask).data<float>().ToArray());
        Assert.Equal([1f, 2, 8, 9], x.masked_scatter(mask, tensor([8f, 9f])).data<float>().ToArray());
        Assert.Equal([1f, 2, 0, 0], where(mask, zeros(4), x).data<float>().ToArray());
        Assert.Equal([2L, 3], where(mask)[0].data<long>().ToArray());
        Assert.Equal([2L, 3], mask.nonzero().squeeze(1).data<long>().ToArray());
        x.masked_fill_(mask, float.NegativeInfinity);
        Assert.Equal([false, false, true, true], x.isinf().data<bool>().ToArray());
    }
}
