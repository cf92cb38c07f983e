using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class ShapeTests
{
    [Fact]
    public void Views_rearrange_without_copying()
    {
        using var scope = NewDisposeScope();
        var x = arange(24).reshape(2, 3, 4);
        Assert.Equal([4L, 2L, 3L], x.permute(2, 0, 1).shape);
        Assert.Equal([3L, 2L, 4L], x.transpose(0, 1).shape);
        Assert.Equal([2L, 4L, 3L], x.mT.shape);
        Assert.Equal([6L, 4L], x.flatten(0, 1).shape);
        Assert.Equal([2L, 3L, 2L, 2L], x.unflatten(2, 2, 2).shape);
        Assert.Equal([3L, 4L, 2L], x.movedim([0], [2]).shape);
        Assert.Equal([2L, 1L, 3L, 4L], x.unsqueeze(1).shape);
        Assert.Equal([3L], zeros(1, 3, 1).squeeze().shape);
        Assert.Equal([1L, 3L], zeros(1, 3, 1).squeeze(2).shape);
        Assert.Equal([5L, 3L], zeros(1, 3).expand(5, -1).shape);
        Assert.Equal([2L, 9L], zeros(1, 3).repeat(2, 3).shape);
        Assert.Equal([4L, 6L], zeros(2, 3).tile([2, 2]).shape);
        Assert.Equal([2L, 3L], zeros(3).broadcast_to(2, 3).shape);
        Assert.Equal([2L, 3L, 3L, 2L], x.unfold(2, 2, 1).shape);
        Assert.Equal([0L, 5, 10, 15], arange(16).reshape(4, 4).as_strided([4], [5]).data<long>().ToArray());
        Assert.Equal([12L, 4L, 1L], x.stride());
        Assert.False(x.mT.is_contiguous());
        Assert.True(x.mT.contiguous().is_contiguous());
        x.view(-1)[0] = 99;
        Assert.Equal(99L, x[0, 0, 0].item<long>());
        Assert.Equal(12L, x[1].storage_offset());
        Assert.Equal([24L], x.view_as(zeros(24)).shape);
    }

    [Fact]
    public void Rolling_flipping_and_triangles()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1L, 2, 3]);
        Assert.Equal([3L, 1, 2], x.roll(1).data<long>().ToArray());
        Assert.Equal([3L, 2, 1], x.flip(0).data<long>().ToArray());
        var g = arange(1, 5).reshape(2, 2);
        Assert.Equal([4L, 3, 2, 1], g.roll((1, 1), (0, 1)).reshape(-1).data<long>().ToArray());
        Assert.Equal([1L, 0, 3, 4], g.tril().data<long>().ToArray());
        Assert.Equal([0L, 2, 0, 0], g.triu(1).data<long>().ToArray());
        Assert.Equal([1L, 4], g.diagonal().data<long>().ToArray());
        Assert.Equal([1L, 4], g.diag().data<long>().ToArray());
        Assert.Equal([1L, 0, 0, 2], tensor([1L, 2]).diag_embed().data<long>().ToArray());
        Assert.Equal([2L, 4, 1, 3], g.rot90().data<long>().ToArray());
    }

    [Fact]
    public void Repeating_elements()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1L, 2]);
        Assert.Equal([1L, 1, 2, 2], x.repeat_interleave(2).data<long>().ToArray());
        Assert.Equal([1L, 2, 2, 2], x.repeat_interleave(tensor([1L, 3])).data<long>().ToArray());
        Assert.Equal([2L, 4L], ones(2, 2).repeat_interleave(2, dim: 1).shape);
    }

    [Fact]
    public void Splitting_and_joining()
    {
        using var scope = NewDisposeScope();
        var x = arange(10);
        Assert.Equal([4L, 4, 2], x.split(4).Select(part => part.numel()));
        Assert.Equal([1L, 9], x.split([1, 9], 0).Select(part => part.numel()));
        Assert.Equal([4L, 4, 2], x.chunk(3).Select(part => part.numel()));
        Assert.Equal([4L, 3, 3], x.tensor_split(3).Select(part => part.numel()));
        Assert.Equal([2L, 5, 3], x.tensor_split(new long[] { 2, 7 }).Select(part => part.numel()));
        Assert.Equal([0L, 1], x[..2].unbind().Select(part => part.item<long>()));
        Assert.Equal([2L, 3L], stack([ones(3), zeros(3)]).shape);
        Assert.Equal([3L, 2L], stack([ones(3), zeros(3)], 1).shape);
        Assert.Equal([4L, 3L], cat([ones(1, 3), ones(3, 3)]).shape);
        Assert.Equal([6L], hstack(ones(3), ones(3)).shape);
        Assert.Equal([2L, 3L], vstack([ones(3), ones(3)]).shape);
        Assert.Equal([3L, 2L], column_stack(ones(3), ones(3)).shape);
        Assert.Equal([3L, 4L], block_diag(ones(1, 2), ones(2, 2)).shape);
        Assert.Equal([2L, 3L], meshgrid([arange(2), arange(3)])[0].shape);
        Assert.Equal([2L, 3L], broadcast_tensors(ones(2, 1), ones(3))[1].shape);
    }

    [Fact]
    public void Impossible_shapes_are_exceptions()
    {
        using var scope = NewDisposeScope();
        var x = arange(6);
        Assert.Throws<ExternalException>(() => x.view(4, 2));
        Assert.Throws<ExternalException>(() => x.reshape(2, 3).T.view(6));
        Assert.Throws<ExternalException>(() => x.transpose(0, 1));
        Assert.Throws<ExternalException>(() => x.split([1, 2], 0));
        Assert.Throws<ExternalException>(() => cat([ones(2, 2), ones(3, 3)]));
        Assert.ThrowsAny<Exception>(() => cat(Array.Empty<Tensor>()));
        Assert.Throws<ExternalException>(() => x.permute(0, 0));
        Assert.Throws<ExternalException>(() => x.size(3));
    }

    [Fact]
    public void Sizes_compare_add_and_count()
    {
        Size size = (2L, 3L);
        Assert.Equal(6, size.numel());
        Assert.True(size == new Size([2L, 3L]));
        Assert.True(size != new Size(2L));
        Assert.Equal([2L, 3L, 4L], (size + new Size(4L)).Shape);
        Assert.Equal([3L], size.Slice(1, 2).Shape);
        Assert.Equal([3L], size.Slice(-1, 2).Shape);
        Assert.Equal([2L], size.Slice(0, -1).Shape);
        Assert.True(size.Slice(-1, 0).IsEmpty);
        Assert.Equal(3, size[1]);
        Assert.Equal(2, size.Length);
        Assert.False(size.IsScalar);
    }

    [Fact]
    public void Splitting_then_joining_is_the_identity() => Prop
        .ForAll<PositiveInt, PositiveInt>((length, parts) =>
        {
            using var scope = NewDisposeScope();
            var x = arange(length.Get % 50);
            return cat(x.chunk(parts.Get % 7 + 1)).Equals(x) && x.flip(0).flip(0).Equals(x) && x.roll(3).roll(-3).Equals(x);
        })
        .QuickCheckThrowOnFailure();
}
