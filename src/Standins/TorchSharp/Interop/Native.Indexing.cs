using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/indexing.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_index(Tensor x, IndexItem* items, long count);

    [LibraryImport(Library)]
    internal static partial int st_index_put_(Tensor x, IndexItem* items, long count, Tensor value, int accumulate);

    [LibraryImport(Library)]
    internal static partial int st_index_put_scalar_(Tensor x, IndexItem* items, long count, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_at(Tensor x, ReadOnlySpan<long> position, long positionN);

    [LibraryImport(Library)]
    internal static partial Tensor st_index_select(Tensor x, long dim, Tensor index);

    [LibraryImport(Library)]
    internal static partial Tensor st_index_add(Tensor x, long dim, Tensor index, Tensor source, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_index_add_(Tensor x, long dim, Tensor index, Tensor source, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_index_copy(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial int st_index_copy_(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial Tensor st_index_fill(Tensor x, long dim, Tensor index, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial int st_index_fill_(Tensor x, long dim, Tensor index, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_gather(Tensor x, long dim, Tensor index, int sparseGrad);

    [LibraryImport(Library)]
    internal static partial Tensor st_scatter(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial int st_scatter_(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial Tensor st_scatter_add(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial int st_scatter_add_(Tensor x, long dim, Tensor index, Tensor source);

    [LibraryImport(Library)]
    internal static partial Tensor st_diagonal_scatter(Tensor x, Tensor source, long offset, long dim1, long dim2);

    [LibraryImport(Library)]
    internal static partial Tensor st_select_scatter(Tensor x, Tensor source, long dim, long index);

    [LibraryImport(Library)]
    internal static partial Tensor st_slice_scatter(Tensor x, Tensor source, long dim, long start, long end, long step);

    [LibraryImport(Library)]
    internal static partial Tensor st_masked_fill(Tensor x, Tensor mask, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial int st_masked_fill_(Tensor x, Tensor mask, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_masked_select(Tensor x, Tensor mask);

    [LibraryImport(Library)]
    internal static partial Tensor st_masked_scatter(Tensor x, Tensor mask, Tensor source);

    [LibraryImport(Library)]
    internal static partial int st_masked_scatter_(Tensor x, Tensor mask, Tensor source);

    [LibraryImport(Library)]
    internal static partial Tensor st_take(Tensor x, Tensor index);

    [LibraryImport(Library)]
    internal static partial Tensor st_take_along_dim(Tensor x, Tensor index, long dim, int hasDim);

    [LibraryImport(Library)]
    internal static partial Tensor st_nonzero(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_argwhere(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_where_indices(Tensor condition, out nint* list, out long count);
}
