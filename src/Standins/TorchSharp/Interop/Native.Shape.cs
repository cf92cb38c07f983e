using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/shape.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_view(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_reshape(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_permute(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_repeat(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_tile(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_flip(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_broadcast_to(Tensor x, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_expand(Tensor x, ReadOnlySpan<long> sizes, long sizesN, int @implicit);

    [LibraryImport(Library)]
    internal static partial Tensor st_flatten(Tensor x, long start, long end);

    [LibraryImport(Library)]
    internal static partial Tensor st_unflatten(Tensor x, long dim, ReadOnlySpan<long> sizes, long sizesN);

    [LibraryImport(Library)]
    internal static partial Tensor st_squeeze(Tensor x, long dim, int hasDim);

    [LibraryImport(Library)]
    internal static partial int st_squeeze_(Tensor x, long dim, int hasDim);

    [LibraryImport(Library)]
    internal static partial Tensor st_unsqueeze(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial int st_unsqueeze_(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial Tensor st_t(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_numpy_T(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_mT(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_adjoint(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_transpose(Tensor x, long dim0, long dim1);

    [LibraryImport(Library)]
    internal static partial int st_transpose_(Tensor x, long dim0, long dim1);

    [LibraryImport(Library)]
    internal static partial Tensor st_movedim(Tensor x, ReadOnlySpan<long> source, long sourceN, ReadOnlySpan<long> destination, long destinationN);

    [LibraryImport(Library)]
    internal static partial Tensor st_as_strided(Tensor x, ReadOnlySpan<long> sizes, long sizesN, ReadOnlySpan<long> strides, long stridesN, long offset);

    [LibraryImport(Library)]
    internal static partial Tensor st_unfold(Tensor x, long dim, long size, long step);

    [LibraryImport(Library)]
    internal static partial Tensor st_narrow(Tensor x, long dim, long start, long length);

    [LibraryImport(Library)]
    internal static partial Tensor st_select(Tensor x, long dim, long index);

    [LibraryImport(Library)]
    internal static partial Tensor st_slice(Tensor x, long dim, long start, long end, long step);

    [LibraryImport(Library)]
    internal static partial Tensor st_roll(Tensor x, ReadOnlySpan<long> shifts, long shiftsN, ReadOnlySpan<long> dims, long dimsN);

    [LibraryImport(Library)]
    internal static partial Tensor st_rot90(Tensor x, long k, ReadOnlySpan<long> dims, long dimsN);

    [LibraryImport(Library)]
    internal static partial Tensor st_tril(Tensor x, long diagonal);

    [LibraryImport(Library)]
    internal static partial int st_tril_(Tensor x, long diagonal);

    [LibraryImport(Library)]
    internal static partial Tensor st_triu(Tensor x, long diagonal);

    [LibraryImport(Library)]
    internal static partial int st_triu_(Tensor x, long diagonal);

    [LibraryImport(Library)]
    internal static partial Tensor st_diag(Tensor x, long diagonal);

    [LibraryImport(Library)]
    internal static partial Tensor st_diagflat(Tensor x, long offset);

    [LibraryImport(Library)]
    internal static partial Tensor st_diag_embed(Tensor x, long offset, long dim1, long dim2);

    [LibraryImport(Library)]
    internal static partial Tensor st_diagonal(Tensor x, long offset, long dim1, long dim2);

    [LibraryImport(Library)]
    internal static partial Tensor st_repeat_interleave(Tensor x, Tensor repeats, long dim, int hasDim, long outputSize, int hasOutputSize);

    [LibraryImport(Library)]
    internal static partial Tensor st_repeat_interleave_int(Tensor x, long repeats, long dim, int hasDim, long outputSize, int hasOutputSize);

    [LibraryImport(Library)]
    internal static partial int st_split(Tensor x, long size, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_split_sizes(Tensor x, ReadOnlySpan<long> sizes, long sizesN, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_chunk(Tensor x, long chunks, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_tensor_split(Tensor x, long sections, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_tensor_split_indices(Tensor x, ReadOnlySpan<long> indices, long indicesN, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_tensor_split_tensor(Tensor x, Tensor indices, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_unbind(Tensor x, long dim, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_cat(nint* list, long count, long dim);

    [LibraryImport(Library)]
    internal static partial Tensor st_stack(nint* list, long count, long dim);

    [LibraryImport(Library)]
    internal static partial Tensor st_hstack(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_vstack(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_dstack(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_column_stack(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_row_stack(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_block_diag(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_cartesian_prod(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial int st_broadcast_tensors(nint* input, long inputCount, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_meshgrid(nint* input, long inputCount, int xy, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_combinations(Tensor x, long r, int withReplacement);
}
