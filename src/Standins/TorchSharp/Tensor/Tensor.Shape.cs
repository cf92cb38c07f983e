using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor view(params long[] shape) => Native.st_view(this, shape, shape.Length);

        public Tensor view_as(Tensor other) => view(other.shape);

        public Tensor view_as_real() => Native.st_view_as_real(this);

        public Tensor view_as_complex() => Native.st_view_as_complex(this);

        public Tensor reshape(params long[] shape) => Native.st_reshape(this, shape, shape.Length);

        public Tensor permute(params long[] permutation) => Native.st_permute(this, permutation, permutation.Length);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor repeat(params long[] sizes) => Native.st_repeat(this, sizes, sizes.Length);

        public Tensor tile(long[] reps) => Native.st_tile(this, reps, reps.Length);

        public Tensor flip(params long[] dims) => Native.st_flip(this, dims, dims.Length);

        public Tensor fliplr() => flip(1);

        public Tensor flipud() => flip(0);

        public Tensor broadcast_to(params long[] shape) => Native.st_broadcast_to(this, shape, shape.Length);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Native.st_expand(this, sizes, sizes.Length, isImplicit.Int());

        public Tensor expand(Size sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes.Shape, isImplicit);

        public Tensor expand(long[] sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes, isImplicit);

        public Tensor expand(params long[] sizes) => expand((ReadOnlySpan<long>)sizes);

        public Tensor expand_as(Tensor other) => expand((ReadOnlySpan<long>)other.shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.st_flatten(this, start_dim, end_dim);

        public Tensor ravel() => reshape(-1);

        public Tensor unflatten(long dim, params long[] sizes) => Native.st_unflatten(this, dim, sizes, sizes.Length);

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor squeeze(long? dim = null) => Native.st_squeeze(this, dim ?? 0, (dim is not null).Int());

        public Tensor squeeze_(long? dim = null) => Done(Native.st_squeeze_(this, dim ?? 0, (dim is not null).Int()));

        public Tensor unsqueeze(long dim) => Native.st_unsqueeze(this, dim);

        public Tensor unsqueeze_(long dim) => Done(Native.st_unsqueeze_(this, dim));

        public Tensor t() => Native.st_t(this);

        public Tensor adjoint() => Native.st_adjoint(this);

        public Tensor transpose(long dim0, long dim1) => Native.st_transpose(this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Done(Native.st_transpose_(this, dim0, dim1));

        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor movedim(long[] source, long[] destination) => Native.st_movedim(this, source, source.Length, destination, destination.Length);

        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) => Native.st_as_strided(this, size, size.Length, strides, strides.Length, storageOffset);

        public Tensor unfold(long dimension, long size, long step) => Native.st_unfold(this, dimension, size, step);

        public Tensor narrow(long dim, long start, long length) => Native.st_narrow(this, dim, start, length);

        public Tensor select(long dim, long index) => Native.st_select(this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) => Native.st_slice(this, dim, start, finish, step);

        public Tensor roll(long shifts, long? dims = null) => dims is null ? roll([shifts]) : roll([shifts], [dims.Value]);

        public Tensor roll(long[] shifts, long[] dims) => roll((ReadOnlySpan<long>)shifts, dims);

        public Tensor roll(long[] shifts) => roll((ReadOnlySpan<long>)shifts);

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) => Native.st_roll(this, shifts, shifts.Length, dims, dims.Length);

        public Tensor rot90(long k = 1, (long, long)? dims = null) => Native.st_rot90(this, k, [dims?.Item1 ?? 0, dims?.Item2 ?? 1], 2);

        public Tensor tril(long diagonal = 0) => Native.st_tril(this, diagonal);

        public Tensor tril_(long diagonal = 0) => Done(Native.st_tril_(this, diagonal));

        public Tensor triu(long diagonal = 0) => Native.st_triu(this, diagonal);

        public Tensor triu_(long diagonal = 0) => Done(Native.st_triu_(this, diagonal));

        public Tensor diag(long diagonal = 0) => Native.st_diag(this, diagonal);

        public Tensor diagflat(long offset = 0) => Native.st_diagflat(this, offset);

        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => Native.st_diag_embed(this, offset, dim1, dim2);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Native.st_diagonal(this, offset, dim1, dim2);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) => Native.st_repeat_interleave(this, repeats, dim ?? 0, (dim is not null).Int(), output_size ?? 0, (output_size is not null).Int());

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) => Native.st_repeat_interleave_int(this, repeats, dim ?? 0, (dim is not null).Int(), output_size ?? 0, (output_size is not null).Int());

        public Tensor channel_shuffle(long groups) => Native.st_channel_shuffle(this, groups);

        public Tensor atleast_1d() => Dimensions == 0 ? reshape(1) : alias();

        public Tensor roll((long, long) shifts, (long, long) dims) => roll([shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);

        public Tensor roll((long, long, long) shifts, (long, long, long) dims) => roll([shifts.Item1, shifts.Item2, shifts.Item3], [dims.Item1, dims.Item2, dims.Item3]);

        /// <summary>Pieces of one size; the last may be shorter.</summary>
        public Tensor[] split(long size, int dim = 0)
        {
            Native.Check(Native.st_split(this, size, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0)
        {
            Native.Check(Native.st_split_sizes(this, sizes, sizes.Length, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] split(long[] sizes, long dim = 0) => split((ReadOnlySpan<long>)sizes, dim);

        public Tensor[] split(params long[] sizes) => split((ReadOnlySpan<long>)sizes);

        public Tensor[] chunk(long chunks, long dim = 0)
        {
            Native.Check(Native.st_chunk(this, chunks, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] tensor_split(long size, long dim = 0)
        {
            Native.Check(Native.st_tensor_split(this, size, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] tensor_split(long[] sizes, long dim = 0)
        {
            Native.Check(Native.st_tensor_split_indices(this, sizes, sizes.Length, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] tensor_split(Tensor indices, long dim = 0)
        {
            Native.Check(Native.st_tensor_split_tensor(this, indices, dim, out var list, out var count));
            return Native.TakeList(list, count);
        }

        public Tensor[] unbind(long dimension = 0)
        {
            Native.Check(Native.st_unbind(this, dimension, out var list, out var count));
            return Native.TakeList(list, count);
        }
    }
}
